using Anneal.Ebpf.Verification;

namespace Anneal.Ebpf.Lowering;

/// <summary>A helper as some calls of a program go to it.</summary>
/// <param name="helper">The helper.</param>
/// <param name="map">The map that these calls get, if it's the same for all of them; else -1.</param>
/// <param name="isBuiltIn">It's one of the engine's own, whose work may be done without a call.</param>
/// <param name="probes">What the verifier knows of values that the one call prints or probes.</param>
internal sealed class CallBinding(HelperPrototype helper, int map, bool isBuiltIn, ProbedValues? probes) : IEquatable<CallBinding>
{
    public HelperPrototype Helper => helper;

    public int Map => map;

    public bool IsBuiltIn => isBuiltIn;

    public ProbedValues? Probes => probes;

    /// <summary>Whether both are calls of the same helper (of one table) with the same knowledge.</summary>
    public bool Equals(CallBinding? other) => other is not null && Helper.Id == other.Helper.Id && Map == other.Map && Probes == other.Probes;

    public override bool Equals(object? obj) => Equals(obj as CallBinding);

    public override int GetHashCode() => (Helper.Id * 31) + Map;
}
