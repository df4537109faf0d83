// Accesses to map values, the stack, the packet and the context, atomics, stored pointers.

namespace Anneal.Ebpf.Tests.Verification;

internal sealed partial class RandomProgram
{
    private int DataOffset => IsClassifier ? 76 : 0;

    private int DataEndOffset => IsClassifier ? 80 : 4;

    // The Linux kernel wants accesses to the stack aligned, so most are where programs are for it as well.
    private int Aligned(int size, int offset) => reproducible && !Once(12) ? offset & ~((size / 8) - 1) : offset;

    private void Use(string pointer, int limit, int low, bool isStack = false)
    {
        int size = Size(), offset = random.Next(low, Math.Max(low + 1, limit));
        UseAt(pointer, size, isStack ? Aligned(size, offset) : offset);
    }

    private void UseAt(string pointer, int size, int offset)
    {
        string place = $"({pointer} {(offset < 0 ? '-' : '+')} {Math.Abs(offset)})";
        switch (random.Next(3))
        {
            case 0:
                Line($"*(u{size} *){place} = r{Number()}");
                break;
            case 1:
                Line($"*(u{size} *){place} = {RandomNumbers.Immediate(random)}");
                break;
            default:
                bool signed = size < 64 && random.Next(3) == 0;
                if (signed) Has(SignedLoad);
                Line(signed ? $"r{Number()} = *(s{size} *){place}" : $"r{Number()} = *(u{size} *){place}");
                break;
        }
    }

    private void MapAccess(int index)
    {
        Has(MapVariable);
        Line("r1 = r7");
        Line($"r1 {(random.Next(5) == 0 ? "-=" : "+=")} r{index}");
        Use("r1", 24, -12);
        Line("r1 = 3");
    }

    private void StackAccess(int index)
    {
        Has(StackVariable);
        int size = Size();
        Line("r1 = r10");
        Line($"r1 += -{random.Next(1, StackNumbers + 1) * 8}");
        if (reproducible || random.Next(2) == 0) Line($"r{index} &= {Aligned(size, random.Next(0, 25))}");
        Line($"r1 += r{index}");
        UseAt("r1", size, Aligned(size, random.Next(-16, 1)));
        Line("r1 = 4");
    }

    private void PacketAccess(int index)
    {
        if (!hasContext) return;
        string skip = Label();
        bool variable = random.Next(2) == 0, store = random.Next(3) == 0;
        Line($"r2 = *(u32 *)(r6 + {DataOffset})");
        Line($"r3 = *(u32 *)(r6 + {DataEndOffset})");
        if (variable)
        {
            Has(PacketVariable);
            Line($"r2 += r{index}");
        }

        int known = random.Next(1, 24);
        Line("r4 = r2");
        Line($"r4 += {known}");
        Line(random.Next(4) switch
        {
            0 => $"if r4 > r3 goto {skip}",
            1 => $"if r4 >= r3 goto {skip}",
            2 => $"if r3 < r4 goto {skip}",
            _ => $"if r3 <= r4 goto {skip}",
        });
        Line("r4 = 0");
        Line("r3 = 0");
        int size = Size();
        string place = $"*(u{size} *)(r2 + {random.Next(0, known + 1)})";
        if (store)
        {
            Has(PacketStore);
            Line(random.Next(2) == 0 ? $"{place} = {RandomNumbers.Immediate(random)}" : $"{place} = r{Kept()}");
        }
        else
        {
            Line($"r{Kept()} = {place}");
        }

        Line($"{skip}:");
        for (int r = 2; r <= 4; r++) Line($"r{r} = {random.Next(100)}");
    }

    private void ContextAccess()
    {
        if (!hasContext) return;
        if (!IsClassifier)
        {
            // What the interface is, the kernel knows alone.
            Has(ContextLoad);
            Line($"r{Kept()} = *(u32 *)(r6 + {(reproducible ? 16 : 12 + (random.Next(2) * 4))})");
            return;
        }

        int size = 8 << random.Next(3);
        int offset = random.Next(3) switch { 0 => 0, 1 => 8, _ => 48 + (random.Next(0, 20 / (size / 8)) * (size / 8)) };
        if (offset != 0 && random.Next(2) == 0)
        {
            Has(ContextStore);
            Line($"*(u{(offset < 48 ? 32 : size)} *)(r6 + {offset}) = r{Kept()}");
        }
        else
        {
            Has(ContextLoad);
            Line($"r{Kept()} = *(u{(offset < 48 ? 32 : size)} *)(r6 + {offset})");
        }
    }

    private void Spill()
    {
        int size = Size(), offset = -random.Next(1, StackNumbers * 8 + 1);
        if (reproducible || random.Next(3) != 0) offset = offset / (size / 8) * (size / 8);
        if (offset > -(size / 8)) offset = -(size / 8);
        if (random.Next(2) == 0) Line($"*(u{size} *)(r10 - {-offset}) = r{Number()}");
        else Line($"r{Number()} = *(u{size} *)(r10 - {-offset})");
    }

    // A pointer goes to the stack, comes back and is used.
    private void StorePointer()
    {
        string which = StoredPointers[random.Next(StoredPointers.Length)];
        if ((which is "context" or "packet" && !hasContext) || (which == "caller's stack" && !inFunction)) which = StoredPointers[random.Next(2)];
        Has(StoredPointer + which);
        string skip = Label();
        switch (which)
        {
            case "map value":
                Line("r1 = r7");
                Line($"r1 += {random.Next(0, 40)}");
                if (Once(3)) Line($"r1 += r{Index()}");
                break;
            case "stack":
                Line("r1 = r10");
                Line($"r1 += -{random.Next(1, StackNumbers + 1) * 8}");
                break;
            case "caller's stack":
                Line($"r1 = *(u64 *)(r10 - {CallerSlot})");
                break;
            case "context":
                Line("r1 = r6");
                break;
            default:
                Line($"r1 = *(u32 *)(r6 + {DataOffset})");
                break;
        }

        Line($"*(u64 *)(r10 - {PointerSlot}) = r1");
        Line("r1 = 1");
        if (Once(2)) Calculate();
        Line($"r1 = *(u64 *)(r10 - {PointerSlot})");
        switch (which)
        {
            case "context":
                Line($"r{Kept()} = *(u32 *)(r1 + {(IsClassifier ? 0 : 16)})");
                break;
            case "packet":
                // What is learnt of the loaded one holds for the one that is still stored.
                Line($"r3 = *(u32 *)(r6 + {DataEndOffset})");
                Line("r2 = r1");
                Line($"r2 += {random.Next(1, 20)}");
                Line($"if r2 > r3 goto {skip}");
                if (Once(2)) Line($"r1 = *(u64 *)(r10 - {PointerSlot})");
                Line($"r{Kept()} = *(u{Size()} *)(r1 + {random.Next(0, 12)})");
                Line($"{skip}:");
                break;
            default:
                Use("r1", which == "map value" ? 24 : 1, 0, isStack: true);
                break;
        }

        for (int r = 1; r <= 3; r++) Line($"r{r} = {random.Next(50)}");
        if (Once(2)) Line($"*(u64 *)(r10 - {PointerSlot}) = 0");
    }

    // The same access goes to one object or the other.
    private void ChoosePointer(int index)
    {
        Has(ChosenPointer);
        string other = Label();
        Line("r1 = r10");
        Line($"r1 += -{random.Next(2, StackNumbers + 1) * 8}");
        Line($"if r{Kept()} {Conditions[random.Next(Conditions.Length)]} {RandomNumbers.Immediate(random)} goto {other}");
        Line("r1 = r7");
        if (Once(2)) Line($"r1 += {random.Next(0, 40)}");
        else Line($"r1 += r{index}");
        Line($"{other}:");
        if (Once(3))
        {
            AtomicAt("r1", random.Next(0, 2) * 8);
        }
        else
        {
            Use("r1", 9, 0, isStack: true);
        }

        Line("r1 = 9");
    }

    private void AtomicOperation()
    {
        if (random.Next(2) == 0) AtomicAt("r10", -random.Next(1, 5) * 8);
        else AtomicAt("r7", random.Next(0, 17) * 4);
    }

    private void AtomicAt(string pointer, int offset)
    {
        int size = 32 << random.Next(2);
        if (size == 64 && !Once(4)) offset &= ~7;
        string operation = Atomics[random.Next(Atomics.Length)];
        Has($"atomic {operation} of {size} bits");
        int register = Number();
        if (pointer == "r1" && register == 1) register = 9;
        Line($"lock *(u{size} *)({pointer} {(offset < 0 ? '-' : '+')} {Math.Abs(offset)}) {operation} r{register}");
    }
}
