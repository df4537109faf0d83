using Anneal.Ebpf.Verification;

namespace Anneal.Ebpf.Lowering;

/// <summary>A helper as some calls of a program go to it.</summary>
/// <param name="Helper">The helper.</param>
/// <param name="Map">The map that these calls get, if it's the same for all of them; else -1.</param>
/// <param name="IsBuiltIn">It's one of the engine's own, whose work may be done without a call.</param>
/// <param name="Probes">What the verifier knows of values that the one call prints or probes.</param>
internal sealed record CallBinding(HelperPrototype Helper, int Map, bool IsBuiltIn, ProbedValues? Probes);
