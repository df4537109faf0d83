// What a template may ask about its operands. The threaded interpreter answers "load the slot that the instruction
// names", the baseline "it's in rsi already" or "it's the constant 5"; templates are written once against this.
// Implementations are structs, so that a template is compiled for each of them without virtual calls.
//
// Protocol: a template asks for its sources (Use…), then for its destination (Define…), emits, commits the destination
// and is followed by End. Registers handed out stay reserved until End. Scratch registers (Registers.Scratch, ScratchX)
// may be clobbered by any request that isn't a plain query.

using Anneal.Assembler;
using Anneal.Bytecode;

namespace Anneal.Templates;

internal interface IOperands
{
    /// <summary>Where code goes.</summary>
    X64Assembler Asm { get; }

    /// <summary>The argument base that <see cref="FunctionBody.FarArgumentBaseField"/> stands for.</summary>
    int FarArgumentBase { get; }

    /// <summary>Whether the value is known while compiling.</summary>
    bool TryConstant(Source source, out long value);

    /// <summary>A register that holds the value; not to be written.</summary>
    Gpr Use(Source source);

    /// <summary>A register or the slot's memory; not to be written.</summary>
    RegMem UseAny(Source source);

    /// <summary>A float register that holds the value; not to be written.</summary>
    Xmm UseX(Source source);

    /// <summary>A float register or the slot's memory; not to be written.</summary>
    XmmMem UseAnyX(Source source);

    /// <summary>Copies the value into that register, which is the template's to write.</summary>
    void Load(Gpr register, Source source);

    /// <summary>Keeps that register free of slots until End.</summary>
    void Reserve(Gpr register);

    /// <summary>A register of the template's own.</summary>
    Gpr Temporary();

    /// <summary>A register to compute the destination in, different from all in use.</summary>
    Gpr Define(int destination);

    /// <summary>A register that holds the source's value and will become the destination: written in place.</summary>
    Gpr DefineFrom(int destination, Source source);

    /// <summary>A float register to compute the destination in, different from all in use.</summary>
    Xmm DefineX(int destination);

    /// <summary>A float register that holds the source's value and will become the destination.</summary>
    Xmm DefineFromX(int destination, Source source);

    /// <summary>The destination's new value is in the register.</summary>
    void Commit(int destination, Gpr register);

    /// <summary>The destination's new value is in the float register.</summary>
    void Commit(int destination, Xmm register);

    /// <summary>The destination is a copy of the source; the tier decides where it lives.</summary>
    void Move(int destination, Source source);

    /// <summary>As <see cref="Move"/>, for a value that is better kept in a float register.</summary>
    void MoveX(int destination, Source source);

    /// <summary>Prepares to branch: sources are done with, what is live is where the target expects it. Jump to the label any number of times, then call <see cref="EndBranch"/>.</summary>
    Label BeginBranch(BranchTarget target);

    /// <summary>All jumps to the label of <see cref="BeginBranch"/> have been emitted; control goes on with the next instruction unless <paramref name="always"/>.</summary>
    void EndBranch(BranchTarget target, BranchKind always);

    /// <summary>All slots below <paramref name="liveSlots"/> are in memory and no register holds a slot afterwards: before calls and polls.</summary>
    void Spill(int liveSlots);

    /// <summary>The slots of the function's results are in memory: before a return.</summary>
    void SpillResults();

    /// <summary>The label of a place out of line that raises the trap, attributed to this instruction.</summary>
    Label TrapLabel(TrapKind kind);

    /// <summary>Raises the trap right here; control doesn't go on.</summary>
    void RaiseTrap(TrapKind kind);

    /// <summary>Notes a site at the current position, attributed to this instruction.</summary>
    void Site(SiteKind kind);

    /// <summary>Has code emitted after the function's end, where rarely run parts don't disturb.</summary>
    void Later(Label entry, OutOfLine what, CallOperand call, Label resume);

    /// <summary>A loop starts here: backward branches to this instruction arrive with their live slots in memory.</summary>
    void LoopHeader(int index, int liveSlots);

    /// <summary>Behind the header's poll: a frame of another tier that has all its slots at home may go on here.</summary>
    void LoopBody(int index);

    /// <summary>Control doesn't go on behind this instruction.</summary>
    void EndPath();

    /// <summary>Puts the address of this instruction's bytecode, which never moves, into the register.</summary>
    void LoadInstruction(Gpr register);

    /// <summary>Copies a slot's value, which <see cref="Spill"/> has brought home, into that register, past all bookkeeping.</summary>
    void LoadHome(Gpr register, Source source);

    /// <summary>The word of the instance at that displacement; good until the next request of this kind. Changes no flags.</summary>
    Mem InstanceAt(InstanceField which, int displacement);

    /// <summary>The offset of a memory access plus a small number, which together are below 2^64, in that register. May change flags.</summary>
    void LoadOffset(Gpr register, ulong offset, int plus);

    /// <summary>Puts the address of a slot into the register.</summary>
    void LoadFrameAddress(Gpr register, int slot);

    /// <summary>Compares the 32 bits there with the canonical type that the instruction names.</summary>
    void CompareType(Mem place, int type);

    /// <summary>The place <paramref name="offset"/> bytes behind origin + index. May use the scratch register and change flags.</summary>
    Mem Indexed(Gpr origin, Source index, ulong offset);

    /// <summary>Moves the frame register up to a call's arguments; the slots have been spilled.</summary>
    void Advance(int argumentBase);

    /// <summary>Moves the frame register back after the call.</summary>
    void Retreat(int argumentBase);

    /// <summary>Calls one of the unit's own functions through its trampoline.</summary>
    void CallFunction(nint trampoline);

    /// <summary>Jumps to one of the unit's own functions, out of this one's native frame.</summary>
    void JumpFunction(nint trampoline);

    /// <summary>Moves a tail call's arguments from their base to slot 0. Keeps the scratch register.</summary>
    void MoveArguments(int argumentBase, int count);
}
