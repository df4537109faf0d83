// The unmanaged structures that emitted code works on, and their layouts. They are the one contract between templates,
// stubs and managed code: templates name fields through the Offsets constants, which a test compares with the structs.
// Pinned registers point at an ExecutionState and an InstanceState; everything else is found from there.

using System.Runtime.InteropServices;

namespace Anneal.Runtime;

/// <summary>One activity of a guest: value stack, stack limit and poll, trap save area. Owned by an <see cref="Execution"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ExecutionState
{
    /// <summary>Emitted code compares rsp with this at function entry and at loop headers. All ones while an interrupt is pending.</summary>
    public nuint StackLimit;

    /// <summary>rsp of the innermost entry stub, for unwinding; 0 when no guest runs.</summary>
    public nuint EntryStack;

    /// <summary>Written by the signal handler: pc, address and signal of the fault.</summary>
    public nuint FaultPc;
    public nuint FaultAddress;
    public nuint FaultSignal;

    /// <summary>A GCHandle of the <see cref="Execution"/>.</summary>
    public nint Owner;

    /// <summary>The limit without interrupts.</summary>
    public nuint TrueStackLimit;

    /// <summary>The <see cref="InterruptReasons"/> of the pending interrupt; 0 if there's none.</summary>
    public int InterruptPending;

    /// <summary>The first slot of the value stack and the end of its accessible part.</summary>
    public ulong* ValueStack;
    public ulong* ValueStackEnd;

    /// <summary>Where a nested entry's window may start while a host function runs.</summary>
    public ulong* NestedWindow;

    /// <summary>The units of fuel left, where guest code is metered; never negative.</summary>
    public long Fuel;

    /// <summary>The general registers at the last fault, by register number; the trap stub writes them.</summary>
    public fixed ulong SavedRegisters[16];

    /// <summary>What r15 is to hold where a poll's answer is an address to go on at: a stream position of the threaded interpreter.</summary>
    public nint ResumePosition;

    /// <summary>How often a frame went from the threaded interpreter to compiled code at a loop header.</summary>
    public long EntriesAtLoops;

    /// <summary>The guest's thread pointer: the address of what a run or thread has of its own. Set by the guest's runtime, read by the op of that name.</summary>
    public byte* ThreadPointer;

    /// <summary>What the access that missed its section cell wants: a packed <see cref="SectionRequest"/>.</summary>
    public ulong SectionRequest;

    /// <summary>The section cells: see <see cref="SectionCell"/>. First those for reads, then those for writes.</summary>
    public fixed ulong SectionCells[2 * SectionCell.Count * SectionCell.Bytes / sizeof(ulong)];
}

/// <summary>A linear memory as emitted code sees it. Owned by a <see cref="LinearMemory"/>; never moves while in use.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MemoryState
{
    public byte* Base;

    /// <summary>The accessible length in bytes.</summary>
    public ulong Length;

    /// <summary>A GCHandle of the <see cref="LinearMemory"/>.</summary>
    public nint Owner;
}

/// <summary>A table as emitted code sees it. Owned by a <see cref="ReferenceTable"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TableState
{
    /// <summary>The elements: pointers to <see cref="FunctionReference"/>, or handles of host objects; 0 is null.</summary>
    public ulong* Elements;

    /// <summary>The number of elements.</summary>
    public ulong Length;

    /// <summary>A GCHandle of the <see cref="ReferenceTable"/>.</summary>
    public nint Owner;
}

/// <summary>A function as a value: what a call through a reference, a table or an import needs. Immutable; lives as long as its store.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FunctionReference
{
    /// <summary>The slot entry: a trampoline of emitted code. 0 in the portable tier.</summary>
    public nint Entry;

    /// <summary>What the callee runs on; for a host function the <see cref="InstanceState"/> of its own that names it.</summary>
    public InstanceState* Instance;

    /// <summary>The canonical id of its type.</summary>
    public uint Type;

    /// <summary>Its number in the code unit of the instance; -1 for a host function.</summary>
    public int Function;
}

/// <summary>
/// What guest code works on. The header is followed, in one block of native memory, by the arrays that
/// <see cref="InstanceLayout"/> places, so that emitted code reaches each element with one displacement.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct InstanceState
{
    /// <summary>The base of memory 0, kept up to date when that memory moves; unmapped low address if there's none.</summary>
    public byte* MemoryBase;

    /// <summary>A GCHandle of the <see cref="GuestInstance"/> or <see cref="HostFunction"/>.</summary>
    public nint Owner;
}

/// <summary>A passive segment as emitted code and the runtime see it; dropped ones have length 0.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SegmentState
{
    /// <summary>Bytes of a data segment, or 64-bit elements of an element segment.</summary>
    public void* Start;

    /// <summary>Length in bytes or elements.</summary>
    public ulong Length;
}
