// The loop itself. The frequent ops are cases here; the others go through the dispatch that the opcode table derives (ValueOps)
// or through the runtime ops. The compiler gives up on optimizing huge methods, so keep it to what is frequent.
//
// pc, slots and the memories are locals, loaded anew whenever a frame is entered or left. Whoever can throw is told the pc first
// (Activation.Current).

using System.Runtime.CompilerServices;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Tiering;

namespace Anneal.Portable;

internal static unsafe partial class Interpreter
{
    private static void Loop(Activation activation)
    {
        ExecutionState* state = activation.State;
    enter:
        ref Frame frame = ref activation.Top;
        ulong* slots = frame.Window;
        ulong* code = Activation.CodeOf(frame.Body);
        MemoryState** memories = frame.Instance.Memories;
        ulong* pc = activation.Current;
        while (true)
        {
            ulong word = *pc;
            byte* address;
            switch ((Op)(ushort)word)
            {
                case Op.Nop: pc++; continue;
                case Op.Mov or Op.Fmov: slots[A(word)] = slots[B(word)]; pc++; continue;
                case Op.Const: slots[A(word)] = pc[1]; pc += 2; continue;

                case Op.I32Add: slots[A(word)] = (uint)Semantics.I32Add((int)slots[B(word)], (int)slots[C(word)]); pc++; continue;
                case Op.I32AddK: slots[A(word)] = (uint)Semantics.I32Add((int)slots[B(word)], K(word)); pc++; continue;
                case Op.I32Sub: slots[A(word)] = (uint)Semantics.I32Sub((int)slots[B(word)], (int)slots[C(word)]); pc++; continue;
                case Op.I32Mul: slots[A(word)] = (uint)Semantics.I32Mul((int)slots[B(word)], (int)slots[C(word)]); pc++; continue;
                case Op.I32And: slots[A(word)] = (uint)Semantics.I32And((int)slots[B(word)], (int)slots[C(word)]); pc++; continue;
                case Op.I32AndK: slots[A(word)] = (uint)Semantics.I32And((int)slots[B(word)], K(word)); pc++; continue;
                case Op.I32Or: slots[A(word)] = (uint)Semantics.I32Or((int)slots[B(word)], (int)slots[C(word)]); pc++; continue;
                case Op.I32Xor: slots[A(word)] = (uint)Semantics.I32Xor((int)slots[B(word)], (int)slots[C(word)]); pc++; continue;
                case Op.I32ShlK: slots[A(word)] = (uint)Semantics.I32Shl((int)slots[B(word)], K(word)); pc++; continue;
                case Op.I32ShrSK: slots[A(word)] = (uint)Semantics.I32ShrS((int)slots[B(word)], K(word)); pc++; continue;
                case Op.I32ShrUK: slots[A(word)] = (uint)Semantics.I32ShrU((int)slots[B(word)], K(word)); pc++; continue;
                case Op.I64Add: slots[A(word)] = (ulong)Semantics.I64Add((long)slots[B(word)], (long)slots[C(word)]); pc++; continue;
                case Op.I64AddK: slots[A(word)] = (ulong)Semantics.I64Add((long)slots[B(word)], K(word)); pc++; continue;
                case Op.I64Sub: slots[A(word)] = (ulong)Semantics.I64Sub((long)slots[B(word)], (long)slots[C(word)]); pc++; continue;
                case Op.I64Mul: slots[A(word)] = (ulong)Semantics.I64Mul((long)slots[B(word)], (long)slots[C(word)]); pc++; continue;
                case Op.I64And: slots[A(word)] = (ulong)Semantics.I64And((long)slots[B(word)], (long)slots[C(word)]); pc++; continue;
                case Op.I64Xor: slots[A(word)] = (ulong)Semantics.I64Xor((long)slots[B(word)], (long)slots[C(word)]); pc++; continue;
                case Op.F64Add:
                    slots[A(word)] = BitConverter.DoubleToUInt64Bits(Semantics.F64Add(F64(slots[B(word)]), F64(slots[C(word)])));
                    pc++;
                    continue;
                case Op.F64Sub:
                    slots[A(word)] = BitConverter.DoubleToUInt64Bits(Semantics.F64Sub(F64(slots[B(word)]), F64(slots[C(word)])));
                    pc++;
                    continue;
                case Op.F64Mul:
                    slots[A(word)] = BitConverter.DoubleToUInt64Bits(Semantics.F64Mul(F64(slots[B(word)]), F64(slots[C(word)])));
                    pc++;
                    continue;

                case Op.I32Load or Op.I64Load32U or Op.F32Load:
                    address = Locate(state, memories, word, slots[B(word)], pc[1], sizeof(uint));
                    if (address == null) goto outOfBounds;
                    slots[A(word)] = (uint)Semantics.I32Load(address);
                    pc += 2;
                    continue;
                case Op.I64Load or Op.F64Load:
                    address = Locate(state, memories, word, slots[B(word)], pc[1], sizeof(ulong));
                    if (address == null) goto outOfBounds;
                    slots[A(word)] = (ulong)Semantics.I64Load(address);
                    pc += 2;
                    continue;
                case Op.I32Load8U or Op.I64Load8U:
                    address = Locate(state, memories, word, slots[B(word)], pc[1], 1);
                    if (address == null) goto outOfBounds;
                    slots[A(word)] = (uint)Semantics.I32Load8U(address);
                    pc += 2;
                    continue;
                case Op.I32Store or Op.I64Store32 or Op.F32Store:
                    address = Locate(state, memories, word, slots[A(word)], pc[1], sizeof(uint));
                    if (address == null) goto outOfBounds;
                    Semantics.I32Store(address, (int)slots[B(word)]);
                    pc += 2;
                    continue;
                case Op.I64Store or Op.F64Store:
                    address = Locate(state, memories, word, slots[A(word)], pc[1], sizeof(ulong));
                    if (address == null) goto outOfBounds;
                    Semantics.I64Store(address, (long)slots[B(word)]);
                    pc += 2;
                    continue;
                case Op.I32Store8 or Op.I64Store8:
                    address = Locate(state, memories, word, slots[A(word)], pc[1], 1);
                    if (address == null) goto outOfBounds;
                    Semantics.I32Store8(address, (int)slots[B(word)]);
                    pc += 2;
                    continue;

                case Op.Loop:
                    if (Volatile.Read(ref state->InterruptPending) != 0)
                    {
                        activation.Current = pc;
                        activation.Poll(FramePoint.After);
                    }

                    pc += 2;
                    continue;
                case Op.Fuel:
                    activation.Current = pc;
                    activation.Charge((uint)pc[1]);
                    pc += 2;
                    continue;
                case Op.Br: pc = code + (uint)pc[1]; continue;
                case Op.BrI32Eq: pc = Semantics.I32Eq((int)slots[A(word)], (int)slots[B(word)]) != 0 ? code + (uint)pc[1] : pc + 2; continue;
                case Op.BrI32Ne: pc = Semantics.I32Ne((int)slots[A(word)], (int)slots[B(word)]) != 0 ? code + (uint)pc[1] : pc + 2; continue;
                case Op.BrI32LtS: pc = Semantics.I32LtS((int)slots[A(word)], (int)slots[B(word)]) != 0 ? code + (uint)pc[1] : pc + 2; continue;
                case Op.BrI32LtU: pc = Semantics.I32LtU((int)slots[A(word)], (int)slots[B(word)]) != 0 ? code + (uint)pc[1] : pc + 2; continue;
                case Op.BrI32GeS: pc = Semantics.I32GeS((int)slots[A(word)], (int)slots[B(word)]) != 0 ? code + (uint)pc[1] : pc + 2; continue;
                case Op.BrI32GeU: pc = Semantics.I32GeU((int)slots[A(word)], (int)slots[B(word)]) != 0 ? code + (uint)pc[1] : pc + 2; continue;
                case Op.BrI32EqK: pc = Semantics.I32Eq((int)slots[A(word)], BranchK(word)) != 0 ? code + (uint)pc[1] : pc + 2; continue;
                case Op.BrI32NeK: pc = Semantics.I32Ne((int)slots[A(word)], BranchK(word)) != 0 ? code + (uint)pc[1] : pc + 2; continue;
                case Op.BrTable:
                    pc = code + (uint)pc[1 + Math.Min((uint)slots[A(word)], B(word))];
                    continue;

                case Op.Ret:
                    if (!activation.Return()) return;
                    goto enter;
                case Op.Ret1 or Op.Fret1:
                    slots[0] = slots[A(word)];
                    if (!activation.Return()) return;
                    goto enter;

                case Op.Call:
                    activation.Current = pc;
                    activation.Call(new CallOperand(pc[1]).Callee, slots + Window(activation, A(word)));
                    goto enter;
                case Op.CallImport or Op.CallIndirect or Op.CallRef:
                    activation.Current = pc;
                    if (activation.Call(Callee(activation, slots, pc), slots + Window(activation, ArgumentBase(word)))) goto enter;
                    pc += Activation.CallWords;
                    continue;
                case Op.Tail:
                    activation.Current = pc;
                    activation.Tail(new CallOperand(pc[1]).Callee, slots + Window(activation, A(word)), new CallOperand(pc[1]).ArgumentSlots);
                    goto enter;
                case Op.TailImport or Op.TailIndirect or Op.TailRef:
                    activation.Current = pc;
                    if (!activation.Tail(Callee(activation, slots, pc), slots + Window(activation, ArgumentBase(word)), new CallOperand(pc[1]).ArgumentSlots)) return;
                    goto enter;

                default:
                    activation.Current = pc;
                    pc = Infrequent(activation, slots, code, pc);
                    continue;
            }

        outOfBounds:
            activation.Current = pc;
            throw new GuestFault(TrapKind.MemoryOutOfBounds);
        }
    }

    // Executes any op that neither calls nor returns; gives the next pc.
    private static ulong* Infrequent(Activation activation, ulong* slots, ulong* code, ulong* pc)
    {
        if (ValueOps.Execute(slots, pc)) return pc + 1;
        if (ValueOps.Taken(slots, pc, out bool known)) return code + (uint)pc[1];
        if (known) return pc + 2;
        return Other(activation, slots, pc);
    }

    private static ulong* Other(Activation activation, ulong* slots, ulong* pc)
    {
        ulong word = *pc;
        var op = (Op)(ushort)word;
        if (!OpTable.IsDefined(op)) throw new InvalidOperationException($"{OpTable.Mnemonic(op)} is no op of the bytecode");
        if (OpTable.WidthOf(op) != 0)
        {
            Access(activation, slots, pc);
            return pc + 2;
        }

        GuestInstance instance = activation.Top.Instance;
        switch (op)
        {
            case Op.MovFar: slots[(uint)pc[1]] = slots[pc[1] >> 32]; break;
            case Op.Select or Op.Fselect: slots[A(word)] = (uint)slots[(ushort)pc[1]] != 0 ? slots[B(word)] : slots[C(word)]; break;
            case Op.FrameAddress: slots[A(word)] = (ulong)(slots + B(word)); break;
            case Op.ThreadPointer: slots[A(word)] = (ulong)activation.State->ThreadPointer; break;
            case >= Op.I32AtomicAdd and <= Op.I64AtomicCompareExchange: Atomic(activation, slots, pc); break;
            case Op.RefFunc: slots[A(word)] = (ulong)instance.Functions[(uint)pc[1]]; break;
            case Op.GlobalGet or Op.FglobalGet: slots[A(word)] = *instance.Globals[(uint)pc[1]]; break;
            case Op.GlobalSet or Op.FglobalSet: *instance.Globals[(uint)pc[1]] = slots[A(word)]; break;
            case Op.NullCheck:
                if (slots[A(word)] == 0) throw new GuestFault(TrapKind.NullReference);
                break;
            case Op.FuelBytes or Op.FuelElements:
                ulong length = slots[B(word)];
                activation.Charge(op == Op.FuelBytes ? FuelRates.OfBytes(length) : FuelRates.OfElements(length));
                slots[A(word)] = length;
                break;
            case Op.Trap: throw new GuestFault((TrapKind)A(word));
            default:
                while (RuntimeOps.Execute(instance, slots, pc)) activation.Poll(FramePoint.At);
                break;
        }

        return pc + OpTable.WordsOf(op);
    }

    private static void Access(Activation activation, ulong* slots, ulong* pc)
    {
        ulong word = *pc;
        var op = (Op)(ushort)word;
        bool loads = (OpTable.EffectsOf(op) & Effects.ReadsMemory) != 0;
        ulong index = slots[loads ? B(word) : A(word)];
        byte* address = Locate(activation.State, activation.Top.Instance.Memories, word, index, pc[1], (uint)OpTable.WidthOf(op));
        if (address == null) throw new GuestFault(TrapKind.MemoryOutOfBounds);
        if (!ValueOps.Access(slots, pc, address)) throw new InvalidOperationException($"{OpTable.Mnemonic(op)} has a width but no meaning");
    }

    private static FunctionReference* Callee(Activation activation, ulong* slots, ulong* pc)
    {
        ulong word = *pc;
        int callee = new CallOperand(pc[1]).Callee;
        switch ((Op)(ushort)word)
        {
            case Op.CallImport or Op.TailImport: return activation.Top.Instance.Functions[callee];
            case Op.CallIndirect or Op.TailIndirect: return activation.Element(C(word), slots[A(word)], callee);
            default:
                var reference = (FunctionReference*)slots[A(word)];
                return reference != null ? reference : throw new GuestFault(TrapKind.NullReference);
        }
    }

    // The argument base that a field stands for: one value means the place above all slots that a field can name.
    private static int Window(Activation activation, int field) =>
        field == FunctionBody.FarArgumentBaseField ? activation.Top.Body.FarArgumentBase : field;

    // Import calls name their argument base first; indirect ones and those by reference a slot before it.
    private static int ArgumentBase(ulong word) => (Op)(ushort)word is Op.CallImport or Op.TailImport ? A(word) : B(word);

    /// <summary>The address of an access of <paramref name="width"/> bytes; null if it isn't inside the memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Locate(ExecutionState* state, MemoryState** memories, ulong word, ulong index, ulong offset, uint width)
    {
        var memory = new MemoryOperand((ushort)(word >> 48));
        if (memory.Mode > AddressingMode.Checked) return LocateElsewhere(state, word, index, offset, width);
        MemoryState* target = memories[memory.Memory];
        ulong length = target->Length;
        ulong start = index + offset;
        return start >= index && start <= length && width <= length - start ? target->Base + start : null;
    }

    private static byte* LocateElsewhere(ExecutionState* state, ulong word, ulong index, ulong offset, uint width)
    {
        var memory = new MemoryOperand((ushort)(word >> 48));
        if (memory.Mode == AddressingMode.Trusted) return (byte*)(index + offset);
        bool writes = (OpTable.EffectsOf((Op)(ushort)word) & Effects.WritesMemory) != 0;
        return SectionTable.Locate(state, index + offset, SectionRequest.Of(memory.Memory, (int)width, writes));
    }

    private static int A(ulong word) => (ushort)(word >> 16);

    private static int B(ulong word) => (ushort)(word >> 32);

    private static int C(ulong word) => (ushort)(word >> 48);

    private static double F64(ulong slot) => BitConverter.UInt64BitsToDouble(slot);

    private static int K(ulong word) => (short)(word >> 48);

    private static int BranchK(ulong word) => (short)(word >> 32);
}
