// Helpers: maps, ring buffer, memory with a size, tail calls; legacy loads, which are nearly calls.

namespace Anneal.Ebpf.Tests.Verification;

internal sealed partial class RandomProgram
{
    // Puts a key on the stack; the register that is its number, or -1 for a constant one.
    private void Key(string map)
    {
        bool variable = !Once(3);
        if (variable) Has(VariableKey + map);
        string value = variable ? $"r{Kept()}" : $"{random.Next(0, 10)}";
        if (variable && Once(2)) Line($"{value} &= {random.Next(3, 10)}");
        switch (map)
        {
            case "hash":
                Line($"*(u64 *)(r10 - {KeySlot}) = {value}");
                break;
            case "trie":
                Line($"*(u32 *)(r10 - {KeySlot}) = {(Once(3) ? $"r{Kept()}" : $"{random.Next(0, 33)}")}");
                Line($"*(u32 *)(r10 - {KeySlot - 4}) = {value}");
                break;
            default:
                Line($"*(u32 *)(r10 - {KeySlot}) = {value}");
                break;
        }

        Line("r2 = r10");
        Line($"r2 += -{KeySlot}");
        Line($"r1 = map[{map}] ll");
    }

    private void LookUp()
    {
        string skip = Label(), map = KeyedMaps[random.Next(KeyedMaps.Length)];
        int index = random.Next(3) == 0 ? Index() : -1;
        Key(map);
        Line("call 1");
        if (Once(4))
        {
            // Stored before it's known to be there.
            Line($"*(u64 *)(r10 - {PointerSlot}) = r0");
            if (!Once(5)) Line($"if r0 == 0 goto {skip}");
            Line($"r0 = *(u64 *)(r10 - {PointerSlot})");
        }
        else if (!Once(6))
        {
            Line($"if r0 == 0 goto {skip}");
        }

        int last = map switch { "hash" => 33, "bytes" => 13, _ => 17 };
        if (index >= 0)
        {
            Has(VariableValueOffset);
            Line($"r0 += r{index}");
            last = 4;
        }

        int size = Size();
        string place = $"*(u{size} *)(r0 + {random.Next(0, Math.Max(1, last - (size / 8)))})";
        switch (random.Next(4))
        {
            case 0:
                Line($"{place} = r{Kept()}");
                break;
            case 1:
                AtomicAt("r0", random.Next(0, 3) * 4);
                break;
            default:
                Line($"r{Kept()} = {place}");
                break;
        }

        Line($"{skip}:");
        Refill();
        if (Once(2)) Line($"*(u64 *)(r10 - {PointerSlot}) = 0");
    }

    private void UpdateMap()
    {
        string map = KeyedMaps[random.Next(KeyedMaps.Length)];
        Key(map);
        if (Once(4))
        {
            Has(MapDelete);
            Line("call 3");
        }
        else
        {
            Has(MapUpdate);
            if (Once(2))
            {
                Line("r3 = r7");
                Line($"r3 += {random.Next(0, 52)}");
            }
            else
            {
                Line("r3 = r10");
                Line($"r3 += -{StackNumbers * 8}");
            }

            Line($"r4 = {(Once(2) ? 0 : random.Next(0, 4))}");
            Line("call 2");
        }

        Line($"r{Kept()} = r0");
        Refill();
    }

    private void Reserve()
    {
        string skip = Label(), other = Label(), end = Label();
        int size = random.Next(1, 33);
        bool branches = random.Next(2) == 0;
        Line("r1 = map[ring] ll");
        Line($"r2 = {size}");
        Line("r3 = 0");
        Line("call 131");
        Line($"if r0 == 0 goto {skip}");
        if (random.Next(2) == 0) Line($"r8 &= {random.Next(0, 32)}");
        Line("r1 = r0");
        Line("r1 += r8");
        Line($"*(u{Size()} *)(r1 + {random.Next(0, 8)}) = r9");
        Line("r1 = r0");
        Line("r2 = 0");
        if (branches)
        {
            Has(RingOnBranches);
            Line($"if r9 {Conditions[random.Next(Conditions.Length)]} {RandomNumbers.Immediate(random)} goto {other}");
            Line("call 132");
            Line($"goto {end}");
            Line($"{other}:");

            // Sometimes forgotten on this branch.
            if (!Once(8)) Line("call 133");
            Line($"{end}:");
        }
        else
        {
            Line($"call {132 + random.Next(2)}");
        }

        Line($"{skip}:");
        Refill();
    }

    // Memory and its size, which is variable.
    private void MemoryArgument()
    {
        int kind = random.Next(3), size = Kept();
        int limit = (random.Next(1, 6) * 8) - 1;
        string memory = random.Next(2) == 0 ? "stack" : "map";

        // A helper that reads wants memory that was written.
        for (int at = 0; at < BufferBytes; at += 8)
        {
            if (kind != 2 && !Once(40)) Line($"*(u64 *)(r10 - {BufferSlot - at}) = {RandomNumbers.Immediate(random)}");
        }

        Line($"r5 = r{size}");
        Bound(5);
        if (!Once(3)) Line($"r5 &= {limit}");
        int register = kind == 1 ? 2 : 3;
        Line(memory == "map" ? $"r{register} = r7" : $"r{register} = r10");
        Line(memory == "map" ? $"r{register} += {random.Next(0, 40)}" : $"r{register} += -{BufferSlot}");
        if (kind == 0)
        {
            Has(VariableSize + "csum_diff");
            Line("r1 = 0");
            Line("r2 = 0");
            Line("r4 = r5");
            Line($"r4 &= {~3}");
            Line($"r5 = {random.Next(0, 1000)}");
            Line("call 28");

            // Linux from 6.13 on folds the sum to 16 bits, earlier ones don't.
            if (reproducible)
            {
                for (int fold = 0; fold < 2; fold++)
                {
                    Line("w1 = w0");
                    Line("w1 >>= 16");
                    Line("w0 &= 0xffff");
                    Line("w0 += w1");
                }
            }
        }
        else if (kind == 1)
        {
            Has(VariableSize + "ringbuf_output");
            Line("r1 = map[ring] ll");
            Line("r3 = r5");
            Line("r4 = 0");
            Line("call 130");
        }
        else if (hasContext)
        {
            Has(VariableSize + "load_bytes");
            Line("r1 = r6");
            Line($"r2 = {random.Next(0, 20)}");

            // What a load for an XDP program that fails leaves in the memory is each side's own.
            if (reproducible && !IsClassifier)
            {
                Line("r5 &= 7");
                Line($"r2 = {random.Next(0, 6)}");
            }

            Line("r4 = r5");
            if (!Once(6)) Line("r4 += 1");
            Line($"call {(IsClassifier ? 26 : 189)}");
            if (memory == "stack" && Once(2)) Line($"*(u64 *)(r10 - {BufferSlot}) = 0");
        }
        else
        {
            Line("r0 = 0");
        }

        Line($"r{Kept()} = r0");
        Refill();
    }

    private void TailCall()
    {
        if (!hasContext) return;
        Has(TailCalls);
        Line("r1 = r6");
        Line("r2 = map[progs] ll");
        Line(random.Next(2) == 0 ? $"r3 = {random.Next(0, 6)}" : $"r3 = r{Kept()}");
        if (Once(2)) Line("r3 &= 3");
        Line("call 12");
        Refill();
    }

    private void LegacyLoad()
    {
        if (inFunction) return;
        int size = 8 << random.Next(3);
        if (random.Next(2) == 0)
        {
            Has(Legacy);
            Line($"r0 = *(u{size} *)skb[{random.Next(0, 20)}]");
        }
        else
        {
            Has(LegacyIndirect);
            int index = Kept();
            if (!Once(4)) Line($"r{index} &= {random.Next(1, 32)}");
            Line($"r0 = *(u{size} *)skb[r{index}]");
        }

        Line($"r{Kept()} = r0");
        Refill();
    }
}
