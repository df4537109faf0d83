using Anneal.Tiering;
using Anneal.Wasm.Lowering;

namespace Anneal.Wasm.Suspension;

/// <summary>A frame of a suspended guest. Numbers are those of bytecode: the same in every tier and engine of one version.</summary>
internal sealed record FrameImage
{
    /// <summary>The number in the image of the instance that it works on.</summary>
    public required int Instance { get; init; }

    /// <summary>The function's number in the module.</summary>
    public required int Function { get; init; }

    /// <summary>The bytecode position that <see cref="Point"/> speaks of.</summary>
    public required int Pc { get; init; }

    public required FramePoint Point { get; init; }

    /// <summary>The slots; those that hold references, and those whose values nothing reads, are 0.</summary>
    public required ulong[] Slots { get; init; }

    /// <summary>The slots that hold references other than null.</summary>
    public required KeyValuePair<int, ReferenceImage>[] References { get; init; }

    /// <summary>What the slots held, for the text; what counts is worked out from the code again.</summary>
    public required FrameLayout Layout { get; init; }

    /// <summary>The frame in a backtrace.</summary>
    public required GuestFrame Where { get; init; }
}
