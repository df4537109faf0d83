// How control moves between handlers, frames and the runtime.

using Anneal.Assembler;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Templates;

namespace Anneal.Threaded;

internal sealed unsafe partial class HandlerEmitter
{
    private Label taken;

    public Label BeginBranch() => taken = Asm.Code.NewLabel();

    public void EndBranch()
    {
        bool counting = key.Form == Forms.Counting;
        if (counting) Asm.Inc(D, At(StreamLayout.NotTaken));
        Dispatch(origin + size);
        Asm.Code.Bind(taken);
        if (counting) Asm.Inc(D, At(StreamLayout.Taken));
        EmitTaken();
    }

    public void EndPath() => ended = true;

    /// <summary>Notes the position in the frame, where stack walks and the way back from a call look for it.</summary>
    public void SavePc() => Asm.Mov(Q, Mem.At(Gpr.Rbp, PcInFrame), Pc);

    public void Site(SiteKind kind) => Asm.Code.AddSite((ushort)kind, origin);

    public Label TrapLabel(TrapKind kind)
    {
        Label label = Asm.Code.NewLabel();
        raisers.Add(new Raiser { Label = label, Kind = kind, Origin = origin });
        return label;
    }

    public void RaiseTrap(TrapKind kind)
    {
        if (target.HardwareTraps)
        {
            Asm.Code.AddSite((ushort)kind, origin);
            Asm.Ud2();
        }
        else
        {
            Asm.CallExternal(target.Stubs.RaiseTrap);
            Asm.Code.AddSite((ushort)kind, origin);
        }
    }

    public void Later(Label entry, OutOfLine what, CallOperand call, Label resume) =>
        deferred.Add(new Deferred { Entry = entry, Resume = resume, What = what, Call = call, Key = key, Origin = origin });

    public void LoopHeader()
    {
        if (key.Form == Forms.WithoutHeat) return;
        Label hot = Asm.Code.NewLabel(), resume = Asm.Code.NewLabel();
        Asm.Sub(D, At(StreamLayout.LoopHeat), 1);
        Asm.Jcc(Condition.S, hot);
        Asm.Code.Bind(resume);
        Later(hot, OutOfLine.Hot, default, resume);
    }

    public void LoadInstruction(Gpr register) =>
        Asm.Mov(Q, register, At(StreamLayout.ShapeOf(op) == Shape.Bulk ? StreamLayout.ThirdExtension : StreamLayout.Fields));

    public Mem InstanceAt(InstanceField which)
    {
        Asm.Mov(D, Displacement, At(PlaceOf(which)));
        return Mem.At(Registers.Instance, Displacement);
    }

    public void LoadOffset(Gpr register, int plus)
    {
        Mem offset = At(StreamLayout.ShapeOf(op) == Shape.Atomic ? StreamLayout.AtomicOffset : StreamLayout.Immediate);
        if (key.Form >= Forms.Far) Asm.Mov(Q, register, At(StreamLayout.FarOffset));
        else if (Forms.IsSigned(key.Form)) Asm.Movsxd(register, offset);
        else Asm.Mov(D, register, offset);
        if (plus != 0) Asm.Add(Q, register, plus);
    }

    public void LoadFrameAddress(Gpr register)
    {
        Asm.Movzx(Size.Word, register, Field(1));
        Asm.Lea(Q, register, Mem.At(Registers.Frame, register, 8));
    }

    public void CompareType(Mem place)
    {
        Asm.Mov(D, Displacement, At(StreamLayout.ThirdExtension));
        Asm.Cmp(D, place, Displacement);
    }

    public Mem Indexed(Gpr first, Source index)
    {
        Gpr register = Use(index);
        if (key.Form == Forms.GuardedAtZero) return Mem.At(first, register);
        LoadOffset(Registers.Scratch, 0);
        Asm.Add(Q, Registers.Scratch, register);
        return Mem.At(first, Registers.Scratch);
    }

    public void Advance()
    {
        Asm.Mov(D, Gpr.Rcx, At(StreamLayout.Immediate));
        Asm.Add(Q, Registers.Frame, Gpr.Rcx);
    }

    public void Retreat()
    {
        Asm.Mov(Q, Pc, Mem.At(Gpr.Rbp, PcInFrame));
        Asm.Mov(D, Gpr.Rcx, At(StreamLayout.Immediate));
        Asm.Sub(Q, Registers.Frame, Gpr.Rcx);
    }

    public void CallFunction() => Asm.Call(At(StreamLayout.Extension));

    public void JumpFunction()
    {
        Asm.Leave();
        Asm.Jmp(At(StreamLayout.Extension));
    }

    /// <summary>Moves the arguments down, in ascending order, which never overwrites what is still to be moved.</summary>
    public void MoveArguments()
    {
        Label again = Asm.Code.NewLabel(), done = Asm.Code.NewLabel();
        int count = StreamLayout.ShapeOf(op) == Shape.IndirectCall ? StreamLayout.FourthExtension : StreamLayout.ThirdExtension;
        Asm.Mov(D, Gpr.Rcx, At(count));
        Asm.Mov(D, Gpr.Rdx, At(StreamLayout.Immediate));
        Asm.Add(Q, Gpr.Rdx, Registers.Frame);
        Asm.Mov(Q, Gpr.Rdi, Registers.Frame);
        Asm.Test(D, Gpr.Rcx, Gpr.Rcx);
        Asm.Jcc(Condition.E, done);
        Asm.Code.Bind(again);
        Asm.Mov(Q, Displacement, Mem.At(Gpr.Rdx));
        Asm.Mov(Q, Mem.At(Gpr.Rdi), Displacement);
        Asm.Add(Q, Gpr.Rdx, 8);
        Asm.Add(Q, Gpr.Rdi, 8);
        Asm.Sub(D, Gpr.Rcx, 1);
        Asm.Jcc(Condition.NE, again);
        Asm.Code.Bind(done);
    }

    // The same frame as the baseline's; the form says how many locals there are to clear.
    private void EmitEnter()
    {
        Label poll = Asm.Code.NewLabel(), polled = Asm.Code.NewLabel(), hot = Asm.Code.NewLabel(), warm = Asm.Code.NewLabel();
        Asm.Push(Gpr.Rbp);
        Asm.Mov(Q, Gpr.Rbp, Gpr.Rsp);
        Asm.Sub(Q, Gpr.Rsp, Registers.NativeFrameBytes);
        Asm.Mov(Q, Mem.At(Gpr.Rbp, Registers.InstanceInFrame), Registers.Instance);
        Asm.Sub(D, At(StreamLayout.EnterHeat), 1);
        Asm.Jcc(Condition.S, hot);
        Asm.Code.Bind(warm);
        Later(hot, OutOfLine.Hot, default, warm);
        Asm.Cmp(Q, Gpr.Rsp, Mem.At(Registers.Execution, Offsets.StackLimit));
        Asm.Jcc(Condition.B, poll);
        Asm.Code.Bind(polled);
        Later(poll, OutOfLine.EntryPoll, default, polled);
        Asm.Mov(D, Gpr.Rcx, At(StreamLayout.EnterFrameBytes));
        if (target.HardwareTraps && key.Form != HandlerKey.ManyLocals)
        {
            Site((SiteKind)TrapKind.StackExhausted);
            Asm.Test(Size.Byte, Mem.At(Registers.Frame, Gpr.Rcx, 1, -8), Gpr.Rax);
        }
        else
        {
            Asm.Add(Q, Gpr.Rcx, Registers.Frame);
            Asm.Cmp(Q, Gpr.Rcx, Mem.At(Registers.Execution, Offsets.ValueStackEnd));
            Asm.Jcc(Condition.A, TrapLabel(TrapKind.StackExhausted));
        }

        ClearLocals();
    }

    private void ClearLocals()
    {
        if (key.Form == 0) return;
        Asm.Mov(D, Gpr.Rcx, At(StreamLayout.EnterFirstLocal));
        if (key.Form != HandlerKey.ManyLocals)
        {
            Asm.Xorps(Registers.ScratchX, Registers.ScratchX);
            int i = 0;
            for (; i + 1 < key.Form; i += 2) Asm.Movups(Mem.At(Registers.Frame, Gpr.Rcx, 1, i * 8), Registers.ScratchX);
            if (i < key.Form) Asm.Movsd(Mem.At(Registers.Frame, Gpr.Rcx, 1, i * 8), Registers.ScratchX);
            return;
        }

        Label again = Asm.Code.NewLabel(), done = Asm.Code.NewLabel();
        Asm.Mov(D, Gpr.Rdx, At(StreamLayout.EnterLocals));
        Asm.Add(Q, Gpr.Rcx, Registers.Frame);
        Asm.Xor(D, Gpr.Rax, Gpr.Rax);
        Asm.Test(D, Gpr.Rdx, Gpr.Rdx);
        Asm.Jcc(Condition.E, done);
        Asm.Code.Bind(again);
        Asm.Mov(Q, Mem.At(Gpr.Rcx), Gpr.Rax);
        Asm.Add(Q, Gpr.Rcx, 8);
        Asm.Sub(D, Gpr.Rdx, 1);
        Asm.Jcc(Condition.NE, again);
        Asm.Code.Bind(done);
    }

    // Where an instruction of this shape has the displacement.
    private int PlaceOf(InstanceField which) => which switch
    {
        InstanceField.Memory => StreamLayout.ShapeOf(op) == Shape.MemorySize ? StreamLayout.Immediate : StreamLayout.Extension,
        InstanceField.SourceMemory => StreamLayout.SecondExtension,
        InstanceField.Table => StreamLayout.ShapeOf(op) == Shape.Table ? StreamLayout.Immediate : StreamLayout.Extension,
        InstanceField.Cell => StreamLayout.SecondExtension,
        InstanceField.Function => StreamLayout.ShapeOf(op) == Shape.Call ? StreamLayout.Extension : StreamLayout.Immediate,
        _ => StreamLayout.Immediate,
    };
}
