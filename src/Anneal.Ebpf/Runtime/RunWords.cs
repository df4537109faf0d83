namespace Anneal.Ebpf.Runtime;

/// <summary>What emitted code reads of a run: the words at its thread pointer.</summary>
internal struct RunWords
{
    /// <summary>The number of the processor whose values of per-processor maps the run uses.</summary>
    public uint Processor;

    /// <summary>How many tail calls there have been.</summary>
    public uint TailCalls;

    /// <summary>The offset of <see cref="Processor"/>.</summary>
    public const int ProcessorOffset = 0;

    /// <summary>The offset of <see cref="TailCalls"/>.</summary>
    public const int TailCallsOffset = 4;

    /// <summary>The most tail calls of a run.</summary>
    public const int MaxTailCalls = 33;
}
