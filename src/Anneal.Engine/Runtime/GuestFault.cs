namespace Anneal.Runtime;

/// <summary>Raised where managed code (Semantics, a runtime op) finds that the guest must trap; turned into a <see cref="TrapException"/> with a backtrace at the tier's boundary.</summary>
internal sealed class GuestFault(TrapKind kind) : Exception
{
    public TrapKind Kind { get; } = kind;
}
