// Runs a program on plain numbers with memory whose every object has exact bounds, so that an access one byte off is seen, which a
// real sandbox may miss. Each object has an address space of its own around it: objects are 2^30 apart.

using Anneal.Ebpf.Verification;

namespace Anneal.Ebpf.Tests.Verification;

internal sealed partial class ConcreteMachine(EbpfProgram program, Random random, byte[] packet, IConcreteObserver? observer)
{
    private const int Fuel = 500_000;
    private readonly Dictionary<ulong, byte[]> objects = [];
    private readonly List<ulong[]> frames = [];
    private readonly List<int> subprograms = [];
    private int fuel = Fuel;

    public const ulong ContextBase = 0x2000_0000_0000, PacketBase = 0x3000_0000_0000;

    public ulong PacketEnd => PacketBase + (ulong)packet.Length;

    public static ulong StackBase(int frame) => 0x1000_0000_0000 + ((ulong)frame << 30);

    /// <summary>The start of the object around which an address lies.</summary>
    public static ulong ObjectOf(ulong address) => (address + (1UL << 29)) & ~((1UL << 30) - 1);

    /// <summary>A memory access outside of every object, or something else that must not happen.</summary>
    public sealed class Violation(int slot, string what) : Exception($"slot {slot}: {what}");

    public ulong Run()
    {
        objects[ContextBase] = new byte[program.Type.Context!.Size];
        random.NextBytes(objects[ContextBase]);
        objects[PacketBase] = packet;
        try
        {
            return Call(0, [ContextBase]);
        }
        catch (ProgramEnded)
        {
            return 0;
        }
    }

    private ulong Call(int subprogram, ReadOnlySpan<ulong> arguments)
    {
        var registers = new ulong[11];
        arguments.CopyTo(registers.AsSpan(1));
        ulong stack = StackBase(frames.Count);
        registers[10] = stack + FrameState.StackBytes;
        // What is left of earlier frames is there to be read, as on the machine.
        if (!objects.ContainsKey(stack)) objects[stack] = new byte[FrameState.StackBytes];
        random.NextBytes(objects[stack]);
        frames.Add(registers);
        subprograms.Add(subprogram);
        if (frames.Count > 8) throw new Violation(-1, "too many frames");
        ulong result = Execute(registers, program.Subprograms[subprogram].Start);
        frames.RemoveAt(frames.Count - 1);
        subprograms.RemoveAt(subprograms.Count - 1);
        return result;
    }

    private ulong Execute(ulong[] r, int slot)
    {
        while (true)
        {
            if (--fuel == 0) throw new TimeoutException();
            Instruction i = program.Instructions[slot];
            observer?.Step(this, slot, frames.Count, r);
            switch (i.Class)
            {
                case InstructionClass.Alu or InstructionClass.Alu64:
                    Arithmetic(r, i);
                    break;
                case InstructionClass.Ld when !i.IsWideImmediate:
                    r[0] = LegacyLoad(i, r);
                    for (int a = 1; a <= 5; a++) r[a] = 0xDEAD_BEEF_0000_0000 + (ulong)random.Next();
                    break;
                case InstructionClass.Ld:
                    r[i.Destination] = (PseudoSource)i.Source switch
                    {
                        PseudoSource.None => program.WideImmediate(slot),
                        PseudoSource.Map => (ulong)i.Immediate + 1,
                        PseudoSource.MapValue => Element(i.Immediate, 0) + (uint)program.Instructions[slot + 1].Immediate,
                        _ => (ulong)program.SubprogramAt(program.CallTarget(slot)),
                    };
                    slot++;
                    break;
                case InstructionClass.Ldx:
                    r[i.Destination] = Load(slot, r[i.Source] + (ulong)(long)i.Offset, i.SizeInBytes, i.Mode == AccessMode.MemorySignExtending);
                    break;
                case InstructionClass.St:
                    Store(slot, r[i.Destination] + (ulong)(long)i.Offset, i.SizeInBytes, (ulong)(long)i.Immediate);
                    break;
                case InstructionClass.Stx when i.Mode == AccessMode.Atomic:
                    Atomic(slot, r, i);
                    break;
                case InstructionClass.Stx:
                    Store(slot, r[i.Destination] + (ulong)(long)i.Offset, i.SizeInBytes, r[i.Source]);
                    break;
                default:
                    if (i.IsExit) return r[0];
                    if (i.IsUnconditionalJump || (i.IsConditionalJump && Holds(r, i)))
                    {
                        slot = program.JumpTarget(slot);
                        continue;
                    }

                    if (i.IsCall)
                    {
                        // A tail call that finds a program never comes back.
                        if (!i.IsLocalCall && i.Immediate == 12 && random.Next(2) == 0) return RandomNumbers.Any(random);
                        r[0] = i.IsLocalCall ? Call(program.SubprogramAt(program.CallTarget(slot)), r.AsSpan(1, 5)) : Helper(slot, i.Immediate, r);
                        for (int a = 1; a <= 5; a++) r[a] = 0xDEAD_BEEF_0000_0000 + (ulong)random.Next();
                    }

                    break;
            }

            slot++;
        }
    }

    private static void Arithmetic(ulong[] r, Instruction i)
    {
        bool wide = i.Is64Bit;
        ulong a = r[i.Destination], b = i.UsesSourceRegister ? r[i.Source] : (ulong)(long)i.Immediate;
        if (!wide) (a, b) = i.AluOperation == AluOperation.End ? (a, b) : ((uint)a, (uint)b);
        int width = wide ? 64 : 32;
        ulong result = i.AluOperation switch
        {
            AluOperation.Mov => i.Offset switch { 8 => (ulong)(sbyte)b, 16 => (ulong)(short)b, 32 => (ulong)(int)b, _ => b },
            AluOperation.Neg => 0 - a,
            AluOperation.End => Swap(a, i),
            AluOperation.Add => a + b,
            AluOperation.Sub => a - b,
            AluOperation.Mul => a * b,
            AluOperation.Or => a | b,
            AluOperation.And => a & b,
            AluOperation.Xor => a ^ b,
            AluOperation.Lsh => a << (int)(b & (ulong)(width - 1)),
            AluOperation.Rsh => a >> (int)(b & (ulong)(width - 1)),
            AluOperation.Arsh => wide ? (ulong)((long)a >> (int)(b & 63)) : (uint)((int)a >> (int)(b & 31)),
            AluOperation.Div => b == 0 ? 0 : i.Offset == 0 ? a / b : SignedDivide(a, b, wide, remainder: false),
            _ => b == 0 ? a : i.Offset == 0 ? a % b : SignedDivide(a, b, wide, remainder: true),
        };
        r[i.Destination] = wide || i.AluOperation == AluOperation.End ? result : (uint)result;
    }

    private static ulong SignedDivide(ulong a, ulong b, bool wide, bool remainder)
    {
        Int128 x = wide ? (long)a : (int)a, y = wide ? (long)b : (int)b;
        return (ulong)(long)(remainder ? x % y : x / y);
    }

    private static ulong Swap(ulong a, Instruction i)
    {
        ulong swapped = 0;
        for (int b = 0; b < i.Immediate; b += 8) swapped |= (a >> b & 0xFF) << (i.Immediate - 8 - b);
        return i.Is64Bit || i.UsesSourceRegister ? swapped : a & (ulong.MaxValue >> (64 - i.Immediate));
    }

    private static bool Holds(ulong[] r, Instruction i)
    {
        ulong a = r[i.Destination], b = i.UsesSourceRegister ? r[i.Source] : (ulong)(long)i.Immediate;
        long sa = (long)a, sb = (long)b;
        if (!i.Is64Bit) (a, b, sa, sb) = ((uint)a, (uint)b, (int)a, (int)b);
        return i.JumpOperation switch
        {
            JumpOperation.Equal => a == b,
            JumpOperation.NotEqual => a != b,
            JumpOperation.Greater => a > b,
            JumpOperation.GreaterOrEqual => a >= b,
            JumpOperation.Less => a < b,
            JumpOperation.LessOrEqual => a <= b,
            JumpOperation.SignedGreater => sa > sb,
            JumpOperation.SignedGreaterOrEqual => sa >= sb,
            JumpOperation.SignedLess => sa < sb,
            JumpOperation.SignedLessOrEqual => sa <= sb,
            _ => (a & b) != 0,
        };
    }

    private ulong Element(int map, int index)
    {
        ulong address = 0x4000_0000_0000 + ((ulong)map << 40) + ((ulong)index << 30);
        if (objects.ContainsKey(address)) return address;
        byte[] value = new byte[program.Maps[map].ValueSize];
        for (int at = 0; at + 8 <= value.Length; at += 8) BitConverter.TryWriteBytes(value.AsSpan(at), RandomNumbers.Any(random));
        objects[address] = value;
        return address;
    }

    private Span<byte> Memory(int slot, ulong address, int size)
    {
        ulong start = ObjectOf(address);
        if (!objects.TryGetValue(start, out byte[]? bytes) || address < start || address + (ulong)size > start + (ulong)bytes.Length)
            throw new Violation(slot, $"{size} bytes at 0x{address:x}, object 0x{start:x} of {(bytes is null ? "nothing" : $"{bytes.Length} bytes")}");
        observer?.Access(this, slot, address, size, frames.Count, subprograms);
        return bytes.AsSpan((int)(address - start), size);
    }

    private ulong Load(int slot, ulong address, int size, bool signed)
    {
        Span<byte> memory = Memory(slot, address, size);
        if (ObjectOf(address) == ContextBase && program.Type.Context!.Find((int)(address - ContextBase), size) is { } field && field.Kind != ContextFieldKind.Scalar)
            return field.Kind == ContextFieldKind.PacketEnd ? PacketEnd : PacketBase;
        Span<byte> wide = stackalloc byte[8];
        wide.Clear();
        memory.CopyTo(wide);
        ulong value = BitConverter.ToUInt64(wide);
        return signed ? (ulong)((long)(value << (64 - (size * 8))) >> (64 - (size * 8))) : value;
    }

    private void Store(int slot, ulong address, int size, ulong value)
    {
        Span<byte> memory = Memory(slot, address, size);
        for (int i = 0; i < size; i++) memory[i] = (byte)(value >> (i * 8));
    }

    private void Atomic(int slot, ulong[] r, Instruction i)
    {
        ulong address = r[i.Destination] + (ulong)(long)i.Offset;
        int size = i.SizeInBytes;
        if (address % (uint)size != 0) throw new Violation(slot, $"atomic operation on {size} bytes at 0x{address:x}");
        ulong old = Load(slot, address, size, signed: false), b = size == 4 ? (uint)r[i.Source] : r[i.Source];
        ulong next = (i.Immediate & 0xF0) switch { 0x00 => old + b, 0x40 => old | b, 0x50 => old & b, 0xA0 => old ^ b, 0xE0 => b, _ => (size == 4 ? (uint)r[0] : r[0]) == old ? b : old };
        Store(slot, address, size, next);
        if (i.AtomicOperation == AtomicOperation.CompareExchange) r[0] = old;
        else if ((i.Immediate & 1) != 0) r[i.Source] = old;
    }
}
