// A guest fault as a .NET exception. Created when emitted or interpreted guest frames are still there to be walked, thrown
// at the host's call into the guest after they have been unwound.

using Anneal.Runtime;

namespace Anneal;

/// <summary>Guest code trapped: it did something that has no meaning, and was stopped. The process and the host are unharmed.</summary>
public sealed class TrapException : Exception, IGuestStop
{
    private readonly List<GuestFrame> frames;

    internal TrapException(TrapKind kind, List<GuestFrame> frames, string? detail = null)
        : base(detail ?? Describe(kind))
    {
        Kind = kind;
        this.frames = frames;
    }

    /// <summary>Why the guest was stopped.</summary>
    public TrapKind Kind { get; }

    /// <summary>The guest's call stack at the trap, innermost frame first.</summary>
    public IReadOnlyList<GuestFrame> Frames => frames;

    /// <summary>The backtrace as lines of text, innermost frame first.</summary>
    public string GuestBacktrace => GuestFrame.Format(frames);

    List<GuestFrame> IGuestStop.Frames => frames;

    private static string Describe(TrapKind kind) => kind switch
    {
        TrapKind.Unreachable => "unreachable executed",
        TrapKind.MemoryOutOfBounds => "out of bounds memory access",
        TrapKind.TableOutOfBounds => "out of bounds table access",
        TrapKind.IndirectCallToNull => "indirect call to a null element",
        TrapKind.IndirectCallTypeMismatch => "indirect call type mismatch",
        TrapKind.IntegerOverflow => "integer overflow",
        TrapKind.IntegerDivideByZero => "integer divide by zero",
        TrapKind.InvalidConversionToInteger => "invalid conversion to integer",
        TrapKind.StackExhausted => "call stack exhausted",
        TrapKind.NullReference => "null reference",
        TrapKind.UnalignedAtomic => "unaligned atomic",
        TrapKind.OutOfFuel => "out of fuel",
        _ => kind.ToString(),
    };
}
