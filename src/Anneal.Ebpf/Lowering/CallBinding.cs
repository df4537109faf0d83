namespace Anneal.Ebpf.Lowering;

/// <summary>A helper, and the map that its calls get if it's the same for all of them (else -1).</summary>
internal readonly record struct CallBinding(HelperPrototype Helper, int Map);
