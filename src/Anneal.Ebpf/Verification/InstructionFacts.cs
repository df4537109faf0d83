namespace Anneal.Ebpf.Verification;

/// <summary>What is known of one instruction.</summary>
/// <param name="IsReachable">Some path reaches it. Lowering makes a trap of an instruction that none does.</param>
/// <param name="IsContextAccess">The memory that a load or store accesses is the context (on all paths, or the program is refused).</param>
/// <param name="MapIndex">At a helper call whose map argument is the same on all paths: that map's index in <see cref="EbpfProgram.Maps"/>; otherwise -1.</param>
/// <param name="ContextOffset">At a context access: bytes from the context's start, which is what the instruction's offset says; otherwise -1.</param>
/// <param name="Region">What memory a load, store or atomic operation accesses.</param>
/// <param name="ConstantKey">At a helper call with a map key of four bytes that is the same known number on all paths: that number; otherwise -1.</param>
/// <param name="InnerMap">At a helper call whose map argument was looked up in the same map of maps on all paths: the definition of what that holds.</param>
/// <param name="Probes">At a call that prints values or probes an address: what may be read through these. Otherwise null.</param>
internal readonly record struct InstructionFacts(
    bool IsReachable,
    bool IsContextAccess,
    int MapIndex,
    int ContextOffset = -1,
    AccessRegion Region = AccessRegion.None,
    long ConstantKey = -1,
    MapDefinition? InnerMap = null,
    ProbedValues? Probes = null);
