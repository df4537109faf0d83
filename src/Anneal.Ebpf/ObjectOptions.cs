namespace Anneal.Ebpf;

/// <summary>How an object is to be parsed.</summary>
public sealed record ObjectOptions
{
    /// <summary>The type of programs whose section's name says none, or is .text; null: the former are refused, the latter plain memory's.</summary>
    public ProgramType? Fallback { get; init; }

    /// <summary>What data sections (.rodata, .data, .bss) are to hold from the start, in place of what the file says; as long as the section.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Contents { get; init; }

    /// <summary>
    /// The types that CO-RE relocations are resolved against; null: the object's own, which leaves its instructions as they are.
    /// </summary>
    public TargetTypes? TargetTypes { get; init; }

    /// <summary>
    /// Values of <c>__kconfig</c> variables by name. <c>LINUX_KERNEL_VERSION</c> is the version of the system that this runs on
    /// where it isn't given; any other is 0 if it's weak, and else an error.
    /// </summary>
    public IReadOnlyDictionary<string, long>? Configuration { get; init; }
}
