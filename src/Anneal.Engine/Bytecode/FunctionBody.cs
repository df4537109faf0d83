// The bytecode of one guest function: all that a tier may know of it. Immutable once made, shared by all instances of
// its code unit and by all tiers.
//
// Slots, in order: parameters (the first ones), other locals, temporaries. The caller places arguments in what become
// slots 0.. here, results return in slots 0.. too. Rules that lowering keeps and tiers rely on:
//   - i32 and f32 are zero-extended in their slot, always. Ops with an i32 source read the low half alone, so the slot may hold
//     an i64 (a guest with 64-bit registers and 32-bit arithmetic needs no wraps); but a 32-bit memory index must be clean.
//   - Slots whose address frame.address gives are bytes of the frame's own: no op names them, and they hold the guest's data from
//     then until the function returns. They lie below every call's argument base.
//   - A temporary (slot >= TemporaryBase) is read at most once on any path after a write; reading it leaves it dead.
//     A tier need not store a temporary that it has kept in a register.
//   - At a call, slots from the argument base up hold the arguments and are dead otherwise (a base field of 65,535 stands for
//     FarArgumentBase, in a body whose live slots go beyond what the field can name); at a branch, slots at or
//     above the target's LiveSlots are dead; a loop header's index word carries the same number.
//   - Non-parameter slots below TemporaryBase are zero on entry.
//   - Control reaches a pc that is the target of a backward branch only if there's a loop op there.

namespace Anneal.Bytecode;

/// <summary>The bytecode of one function, with the metadata that tiers and diagnostics need.</summary>
internal sealed class FunctionBody
{
    /// <summary>The argument base of a call that stands for <see cref="FarArgumentBase"/>.</summary>
    public const int FarArgumentBaseField = ushort.MaxValue;

    /// <summary>The instructions. The array is pinned: interpreters walk it with pointers.</summary>
    public required ulong[] Code { get; init; }

    /// <summary>Slots of the frame, arguments and results included. At least as many as any call in it needs for its results.</summary>
    public required int SlotCount { get; init; }

    /// <summary>Slots that arguments take, from slot 0.</summary>
    public required int ParameterSlots { get; init; }

    /// <summary>Slots that results take, from slot 0.</summary>
    public required int ResultSlots { get; init; }

    /// <summary>The first slot that is a temporary.</summary>
    public required int TemporaryBase { get; init; }

    /// <summary>
    /// The argument base of calls whose field says <see cref="FarArgumentBaseField"/>: a slot above all that are live at any
    /// of them. 0 in bodies that have no such call, which is all but those with more slots than 16 bits can name.
    /// </summary>
    public int FarArgumentBase { get; init; }

    /// <summary>The number of loop headers.</summary>
    public required int LoopCount { get; init; }

    /// <summary>Which offset of the guest's code each instruction comes from.</summary>
    public required SourceMap Sources { get; init; }

    /// <summary>The slot that a call's field for the argument base means.</summary>
    public int ArgumentBase(int field) => field == FarArgumentBaseField ? FarArgumentBase : field;

    /// <summary>The frame's size in bytes of value stack.</summary>
    public int FrameBytes => SlotCount * sizeof(ulong);
}
