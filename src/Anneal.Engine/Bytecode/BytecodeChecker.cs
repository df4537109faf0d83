// Checks the rules that stand at the head of FunctionBody.cs. Lowering keeps them by construction and tiers rely on them
// without looking, so this is for tests and for the debug switch (ANNEAL_DEBUG=check): a body that it refuses is a bug of
// the lowering.
//
// That a temporary is read at most once is checked by a forward scan of each basic block: at a block's start the
// temporaries that a branch or a loop header declares dead are dead, all others are taken to be readable. A second read on
// a path through several blocks isn't found.

using Anneal.Diagnostics;
using Anneal.Runtime;

namespace Anneal.Bytecode;

/// <summary>Checks a function body's structure.</summary>
internal sealed class BytecodeChecker
{
    private const int MaxSlots = 1 << 24;
    private readonly FunctionBody body;
    private readonly InstanceCounts? counts;
    private readonly ulong[] code;

    // By pc: whether an instruction starts there, and the live slots that branches to it declare (-1: none branches there).
    private readonly bool[] starts;
    private readonly int[] liveAt;

    private BytecodeChecker(FunctionBody body, InstanceCounts? counts)
    {
        this.body = body;
        this.counts = counts;
        code = body.Code;
        starts = new bool[code.Length];
        liveAt = new int[code.Length];
        Array.Fill(liveAt, -1);
    }

    /// <summary>Whether the debug switch asks for every lowered body to be checked.</summary>
    public static bool IsSwitchedOn => DebugSwitches.ChecksBytecode;

    /// <summary>Checks a body; with the counts of its unit also that what it names exists.</summary>
    /// <exception cref="InvalidBytecodeException">A rule is broken; it says where and which.</exception>
    public static void Check(FunctionBody body, InstanceCounts? counts = null) => new BytecodeChecker(body, counts).Run();

    private void Run()
    {
        CheckHeader();
        FindInstructions();
        int loops = 0;
        for (int pc = 0; pc < code.Length; pc += OpTable.LengthAt(code, pc))
        {
            CheckOperands(pc);
            CheckTargets(pc);
            if ((Op)(ushort)code[pc] == Op.Loop) CheckLoop(pc, loops++);
        }

        if (loops != body.LoopCount) throw new InvalidBytecodeException(-1, $"{loops} loops where {body.LoopCount} are declared");
        new TemporaryScan(body, liveAt).Run();
    }

    private void CheckHeader()
    {
        if (body.SlotCount is < 0 or > MaxSlots) throw new InvalidBytecodeException(-1, $"{body.SlotCount} slots");
        if (body.ParameterSlots < 0 || body.ParameterSlots > body.TemporaryBase || body.TemporaryBase > body.SlotCount)
            throw new InvalidBytecodeException(-1, $"{body.ParameterSlots} parameter slots, temporaries from {body.TemporaryBase}, {body.SlotCount} slots");
        if (body.ResultSlots < 0 || body.ResultSlots > body.SlotCount)
            throw new InvalidBytecodeException(-1, $"{body.ResultSlots} result slots of {body.SlotCount}");
        if (code.Length == 0) throw new InvalidBytecodeException(-1, "no instructions");
    }

    private void FindInstructions()
    {
        int pc = 0, last = 0;
        while (pc < code.Length)
        {
            var op = (Op)(ushort)code[pc];
            if (!OpTable.IsDefined(op)) throw new InvalidBytecodeException(pc, $"no op {(int)op}");
            int length = OpTable.LengthAt(code, pc);
            if (length > code.Length - pc) throw new InvalidBytecodeException(pc, $"{OpTable.Mnemonic(op)} is cut off by the end");
            starts[pc] = true;
            last = pc;
            pc += length;
        }

        var final = (Op)(ushort)code[last];
        if (!BytecodeTargets.NeverFallsThrough(final)) throw new InvalidBytecodeException(last, $"control runs past the end after {OpTable.Mnemonic(final)}");
    }

    private void CheckOperands(int pc)
    {
        ulong word = code[pc];
        var op = (Op)(ushort)word;
        int field = 0, extra = pc;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            ulong bits = operand.IsField ? (ushort)(word >> (16 * ++field)) : code[++extra];
            switch (operand.Kind)
            {
                case OperandKind.Destination or OperandKind.Source or OperandKind.SourceWord: CheckSlot(pc, bits); break;
                case OperandKind.Far:
                    CheckSlot(pc, (uint)bits);
                    CheckSlot(pc, bits >> 32);
                    break;
                case OperandKind.Memory: CheckMemory(pc, new MemoryOperand((ushort)bits)); break;
                case OperandKind.Offset: CheckOffset(pc, new MemoryOperand((ushort)(word >> 48)), bits); break;
                case OperandKind.Index or OperandKind.Pair or OperandKind.Number16: CheckEntity(pc, op, bits); break;
                case OperandKind.Call: CheckCall(pc, op, new CallOperand(bits)); break;
            }
        }

        if (op is Op.Ret1 or Op.Fret1 && body.SlotCount == 0) throw new InvalidBytecodeException(pc, "a result in a frame without slots");
        if ((OpTable.EffectsOf(op) & Effects.Progress) != 0) CheckProgress(pc, op);
    }

    private void CheckSlot(int pc, ulong slot)
    {
        if (slot >= (ulong)body.SlotCount) throw new InvalidBytecodeException(pc, $"slot {slot} of {body.SlotCount}");
    }

    // Only these modes name one of the instance's memories.
    private void CheckMemory(int pc, MemoryOperand memory)
    {
        if (memory.Mode is AddressingMode.Guarded or AddressingMode.Checked) CheckCount(pc, memory.Memory, counts?.Memories, "memory");
    }

    // The reservation of a guarded memory is as large as 32-bit index and offset together.
    private static void CheckOffset(int pc, MemoryOperand memory, ulong offset)
    {
        if (memory.Mode == AddressingMode.Guarded && offset > uint.MaxValue) throw new InvalidBytecodeException(pc, $"offset {offset} into a guarded memory");
    }

    private static void CheckCount(int pc, long index, int? count, string what)
    {
        if (count is { } known && index >= known) throw new InvalidBytecodeException(pc, $"{what} {index} of {known}");
    }

    private void CheckEntity(int pc, Op op, ulong bits)
    {
        long first = (uint)bits, second = (long)(bits >> 32);
        CheckIndexRange(pc, op, bits);
        switch (op)
        {
            case Op.MemorySize or Op.MemoryGrow or Op.MemoryFill: CheckCount(pc, first, counts?.Memories, "memory"); break;
            case Op.MemoryCopy:
                CheckCount(pc, first, counts?.Memories, "memory");
                CheckCount(pc, second, counts?.Memories, "memory");
                break;
            case Op.MemoryInit:
                CheckCount(pc, first, counts?.DataSegments, "data segment");
                CheckCount(pc, second, counts?.Memories, "memory");
                break;
            case Op.DataDrop: CheckCount(pc, first, counts?.DataSegments, "data segment"); break;
            case Op.TableGet or Op.TableSet or Op.TableSize or Op.TableGrow or Op.TableFill: CheckCount(pc, first, counts?.Tables, "table"); break;
            case Op.TableCopy:
                CheckCount(pc, first, counts?.Tables, "table");
                CheckCount(pc, second, counts?.Tables, "table");
                break;
            case Op.TableInit:
                CheckCount(pc, first, counts?.ElementSegments, "element segment");
                CheckCount(pc, second, counts?.Tables, "table");
                break;
            case Op.ElemDrop: CheckCount(pc, first, counts?.ElementSegments, "element segment"); break;
            case Op.GlobalGet or Op.GlobalSet or Op.FglobalGet or Op.FglobalSet: CheckCount(pc, first, counts?.Globals, "global"); break;
            case Op.FrameAddress: CheckSlot(pc, bits); break;
            case Op.RefFunc: CheckCount(pc, first, counts?.Functions, "function"); break;
            case Op.Fuel:
                if (first is 0 or > FuelRates.MaximumOfBlock) throw new InvalidBytecodeException(pc, $"a charge of {first}");
                CheckLive(pc, second);
                break;
            case Op.Trap:
                if (!Enum.IsDefined((TrapKind)first)) throw new InvalidBytecodeException(pc, $"no trap kind {first}");
                break;
        }
    }

    // Index words have 32 bits; only pairs use the upper half.
    private static void CheckIndexRange(int pc, Op op, ulong bits)
    {
        bool pair = op is Op.Loop or Op.Fuel or Op.MemoryCopy or Op.MemoryInit or Op.TableCopy or Op.TableInit;
        if (!pair && bits > uint.MaxValue) throw new InvalidBytecodeException(pc, $"index 0x{bits:x} beyond 32 bits");
    }

    private void CheckCall(int pc, Op op, CallOperand call)
    {
        ulong word = code[pc];
        bool indirect = op is Op.CallIndirect or Op.TailIndirect;
        bool direct = op is Op.Call or Op.Tail or Op.CallImport or Op.TailImport;
        int arguments = body.ArgumentBase((ushort)(word >> (direct ? 16 : 32)));
        if (arguments + call.ArgumentSlots > body.SlotCount)
            throw new InvalidBytecodeException(pc, $"arguments in slots {arguments} to {arguments + call.ArgumentSlots} of {body.SlotCount}");
        if (indirect) CheckCount(pc, (ushort)(word >> 48), counts?.Tables, "table");
        if (op is Op.CallImport or Op.TailImport) CheckCount(pc, call.Callee, counts?.ImportedFunctions, "imported function");
        if (op is Op.Call or Op.Tail)
        {
            CheckCount(pc, call.Callee, counts?.Functions, "function");
            if (call.Callee < counts?.ImportedFunctions) throw new InvalidBytecodeException(pc, $"direct call of imported function {call.Callee}");
        }

        if (call.Site != CallOperand.NoSite) CheckCount(pc, call.Site, counts?.Sites, "site");
    }

    // Such an op counts its progress in its own source slots, so they must be nobody else's.
    private void CheckProgress(int pc, Op op)
    {
        int a = (ushort)(code[pc] >> 16), b = (ushort)(code[pc] >> 32), c = (ushort)(code[pc] >> 48);
        bool writesB = op is not (Op.MemoryFill or Op.TableFill);
        if (a < body.TemporaryBase || c < body.TemporaryBase || (writesB && b < body.TemporaryBase) || a == b || b == c || a == c)
            throw new InvalidBytecodeException(pc, $"{OpTable.Mnemonic(op)} keeps its progress in slots that aren't temporaries of its own");
    }

    private void CheckTargets(int pc)
    {
        foreach (ulong bits in BytecodeTargets.Of(code, pc))
        {
            var target = new BranchTarget(bits);
            if ((uint)target.Pc >= (uint)code.Length || !starts[target.Pc])
                throw new InvalidBytecodeException(pc, $"branch to {(uint)target.Pc}, where no instruction starts");
            if (bits >> 48 != 0) throw new InvalidBytecodeException(pc, "branch target with stray bits");
            if (target.LiveSlots > body.SlotCount && target.LiveSlots != ushort.MaxValue)
                throw new InvalidBytecodeException(pc, $"{target.LiveSlots} live slots of {body.SlotCount}");
            if (target.Pc <= pc && (Op)(ushort)code[target.Pc] != Op.Loop)
                throw new InvalidBytecodeException(pc, $"backward branch to {target.Pc}, where there's no loop header");
            liveAt[target.Pc] = Math.Max(liveAt[target.Pc], target.LiveSlots);
        }
    }

    private void CheckLoop(int pc, int number)
    {
        if ((uint)code[pc + 1] != (uint)number) throw new InvalidBytecodeException(pc, $"loop {(uint)code[pc + 1]} is loop {number} of the body");
        CheckLive(pc, (long)(code[pc + 1] >> 32));
    }

    private void CheckLive(int pc, long live)
    {
        if (live > body.SlotCount && live != ushort.MaxValue) throw new InvalidBytecodeException(pc, $"{live} live slots of {body.SlotCount}");
    }
}
