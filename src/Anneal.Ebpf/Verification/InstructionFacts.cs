namespace Anneal.Ebpf.Verification;

/// <summary>What is known of one instruction.</summary>
/// <param name="IsReachable">Some path reaches it. Lowering makes a trap of an instruction that none does.</param>
/// <param name="IsContextAccess">The memory that a load or store accesses is the context (on all paths, or the program is refused).</param>
/// <param name="MapIndex">At a helper call whose map argument is the same on all paths: that map's index in <see cref="EbpfProgram.Maps"/>; otherwise -1.</param>
internal readonly record struct InstructionFacts(bool IsReachable, bool IsContextAccess, int MapIndex);
