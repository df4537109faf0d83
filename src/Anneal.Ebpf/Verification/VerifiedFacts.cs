// What the verifier tells the lowering. Facts hold on every path that reaches the instruction.

namespace Anneal.Ebpf.Verification;

/// <summary>The facts that verification found, by instruction slot and by subprogram.</summary>
internal sealed class VerifiedFacts
{
    /// <summary>Facts of each slot; as many as the program has.</summary>
    public required InstructionFacts[] Instructions { get; init; }

    /// <summary>The bytes of stack that each subprogram uses below its r10, by index in <see cref="EbpfProgram.Subprograms"/>.</summary>
    public required int[] StackBytes { get; init; }

    /// <summary>The verifier's log.</summary>
    public string Log { get; init; } = "";

    /// <summary>States that were stored for comparison.</summary>
    public int StoredStates { get; init; }

    /// <summary>Instructions that were looked at, counted each time.</summary>
    public long Steps { get; init; }
}
