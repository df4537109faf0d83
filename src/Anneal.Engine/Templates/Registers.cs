// Who owns which register in emitted code, and the one native frame that all tiers but the optimizing one share.
//
//     [rbp + 8]    return address
//     [rbp]        the caller's rbp
//     [rbp - 8]    the instance of this frame (reloaded after every call)
//     [rbp - 16]   free for the tier's use (the threaded interpreter keeps its pc there across calls)
//
// rsp is a multiple of 16 inside a function body, so runtime functions can be called from anywhere.

using Anneal.Assembler;

namespace Anneal.Templates;

/// <summary>The register assignment of emitted code.</summary>
internal static class Registers
{
    /// <summary>The frame's window of the value stack: slot i is at [Frame + 8 i].</summary>
    public const Gpr Frame = Gpr.Rbx;

    /// <summary>The ExecutionState.</summary>
    public const Gpr Execution = Gpr.R12;

    /// <summary>The InstanceState.</summary>
    public const Gpr Instance = Gpr.R13;

    /// <summary>
    /// At a call through a reference, the caller's InstanceState: a host function wants to know it, and after a tail call
    /// no frame says it any more. Guest callees ignore it.
    /// </summary>
    public const Gpr Caller = Gpr.R8;

    /// <summary>The base of memory 0.</summary>
    public const Gpr MemoryBase = Gpr.R14;

    /// <summary>Never holds a slot; a template may use it between any two operand requests.</summary>
    public const Gpr Scratch = Gpr.Rax;

    /// <summary>Never holds a slot.</summary>
    public const Xmm ScratchX = Xmm.Xmm15;

    /// <summary>The frame's own instance, relative to rbp.</summary>
    public const int InstanceInFrame = -8;

    /// <summary>Bytes below rbp.</summary>
    public const int NativeFrameBytes = 16;

    /// <summary>The address of a slot.</summary>
    public static Mem Slot(int slot) => Mem.At(Frame, slot * sizeof(ulong));
}
