// Makes the bytecode of one subprogram: registers become slots (Slots), each instruction one or a few ops. Two ways:
//
//   verified    memory accesses are raw addresses that the verifier has proven; r10 is the address of bytes in the frame;
//               loads of the context's pointer fields read the host's 64-bit copy; what no path reaches becomes a trap
//   sandboxed   memory accesses are guest addresses, looked up in the execution's sections; r10 is a parameter; every basic
//               block is charged to the fuel
//
// Files: .Arithmetic, .Jumps, .Memory, .Calls. A well-formed program (EbpfProgram) can't make this fail.

using Anneal.Bytecode;
using Anneal.Ebpf.Verification;

namespace Anneal.Ebpf.Lowering;

/// <summary>Lowers one subprogram; used once.</summary>
internal sealed partial class FunctionLowering
{
    /// <summary>Bytes of stack that each function of a sandboxed program has below its r10.</summary>
    public const int SandboxFrameBytes = 512;

    private readonly ProgramCode unit;
    private readonly EbpfProgram program;
    private readonly Subprogram subprogram;
    private readonly VerifiedFacts? facts;
    private readonly BytecodeWriter writer = new();
    private readonly BytecodeLabel[] labels;
    private readonly TargetKind[] targets;
    private readonly int stackSlots;
    private readonly int argumentBase;
    private int temporaries;
    private bool reachable = true;
    private bool isBlockStart = true;

    public FunctionLowering(ProgramCode unit, int subprogramIndex)
    {
        this.unit = unit;
        program = unit.Program;
        subprogram = program.Subprograms[subprogramIndex];
        facts = unit.Facts;
        stackSlots = facts is null ? 0 : (facts.StackBytes[subprogramIndex] + 7) / 8;
        argumentBase = Slots.Stack + stackSlots;
        int length = subprogram.End - subprogram.Start;
        labels = new BytecodeLabel[length];
        targets = new TargetKind[length];
    }

    // How control comes to a slot, apart from the instruction before.
    [Flags]
    private enum TargetKind : byte
    {
        None = 0,
        Forward = 1,
        Backward = 2,
    }

    private bool IsSandboxed => facts is null;

    /// <summary>Slots that hold parameters.</summary>
    public static int ParameterSlots(bool sandboxed) => sandboxed ? Slots.FramePointer + 1 : Slots.Arguments;

    /// <summary>Lowers the subprogram.</summary>
    public FunctionBody Run()
    {
        FindTargets();
        writer.At(subprogram.Start);
        // The address behind the stack's last slot is the first argument slot's.
        if (stackSlots != 0) writer.FrameAddress(Slots.FramePointer, argumentBase);
        ReadOnlySpan<Instruction> code = program.Instructions;
        for (int slot = subprogram.Start; slot < subprogram.End; slot += code[slot].Slots)
        {
            writer.At(slot);
            temporaries = Slots.Temporaries;
            if (targets[slot - subprogram.Start] != TargetKind.None) BeginTarget(slot);
            if (!reachable) continue;
            if (facts is not null && !facts.Instructions[slot].IsReachable)
            {
                Trap(TrapKind.Unreachable);
                continue;
            }

            if (isBlockStart) ChargeBlock(slot);
            Lower(slot, code[slot]);
        }

        // The last instruction may have been one that no path reaches.
        if (reachable) Trap(TrapKind.Unreachable);
        int slots = argumentBase + Slots.Arguments + 2;
        return writer.Finish(slots, ParameterSlots(IsSandboxed), 1, Slots.Temporaries);
    }

    private void Lower(int slot, Instruction i)
    {
        switch (i.Class)
        {
            case InstructionClass.Alu or InstructionClass.Alu64: Arithmetic(i); break;
            case InstructionClass.Jmp or InstructionClass.Jmp32: Control(slot, i); break;
            case InstructionClass.Ldx: Load(slot, i); break;
            case InstructionClass.Ld when i.IsWideImmediate: WideImmediate(slot, i); break;
            case InstructionClass.Ld: PacketLoad(i); break;
            default: Store(slot, i); break;
        }
    }

    private void FindTargets()
    {
        ReadOnlySpan<Instruction> code = program.Instructions;
        for (int slot = subprogram.Start; slot < subprogram.End; slot += code[slot].Slots)
        {
            if (!code[slot].IsConditionalJump && !code[slot].IsUnconditionalJump) continue;
            int target = program.JumpTarget(slot);
            ref TargetKind kind = ref targets[target - subprogram.Start];
            if (kind == TargetKind.None) labels[target - subprogram.Start] = writer.NewLabel(argumentBase);
            kind |= target <= slot ? TargetKind.Backward : TargetKind.Forward;
        }
    }

    private void BeginTarget(int slot)
    {
        writer.Bind(labels[slot - subprogram.Start]);
        if ((targets[slot - subprogram.Start] & TargetKind.Backward) != 0) writer.LoopHeader(argumentBase);
        reachable = true;
        isBlockStart = true;
    }

    // The instructions up to the next target or jump.
    private void ChargeBlock(int start)
    {
        isBlockStart = false;
        if (!unit.ChargesFuel) return;
        ReadOnlySpan<Instruction> code = program.Instructions;
        int count = 0;
        for (int slot = start; slot < subprogram.End; slot += code[slot].Slots)
        {
            if (slot != start && targets[slot - subprogram.Start] != TargetKind.None) break;
            count++;
            if (code[slot].IsJump && !code[slot].IsCall) break;
        }

        writer.Fuel(count, argumentBase);
    }

    private void Trap(TrapKind kind)
    {
        writer.Trap((int)kind);
        reachable = false;
    }

    private int Temporary()
    {
        if (temporaries == Slots.Stack) throw new InvalidOperationException("an instruction's lowering needs more temporaries than there are");
        return temporaries++;
    }

    /// <summary>A temporary that holds a constant, for one use.</summary>
    private int Constant(long value)
    {
        int temporary = Temporary();
        writer.Const(temporary, (ulong)value);
        return temporary;
    }

    private static bool IsShort(long value) => value == (short)value;
}
