using Anneal.Ebpf.Verification;

namespace Anneal.Ebpf.Lowering;

/// <summary>A helper, the map that its calls get if it's the same for all of them (else -1), what the verifier knows of values that one call prints or probes.</summary>
internal readonly record struct CallBinding(HelperPrototype Helper, int Map, ProbedValues? Probes);
