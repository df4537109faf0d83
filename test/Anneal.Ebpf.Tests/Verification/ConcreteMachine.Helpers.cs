// What helpers do with the machine's memory, and legacy loads. Results are random where a real one's depend on what isn't modelled.

using System.Buffers.Binary;

namespace Anneal.Ebpf.Tests.Verification;

internal sealed partial class ConcreteMachine
{
    private const int MapHandles = 1;
    private ulong nextAllocation = 0x5000_0000_0000;

    // A legacy load out of the packet ends the program.
    private sealed class ProgramEnded : Exception;

    private ulong LegacyLoad(Instruction i, ulong[] r)
    {
        long at = (long)i.Immediate + (i.Mode == AccessMode.Indirect ? (int)r[i.Source] : 0);
        int size = i.SizeInBytes;
        if (at < 0 || at + size > packet.Length) throw new ProgramEnded();
        ReadOnlySpan<byte> bytes = packet.AsSpan((int)at, size);
        return size switch { 1 => bytes[0], 2 => BinaryPrimitives.ReadUInt16BigEndian(bytes), _ => BinaryPrimitives.ReadUInt32BigEndian(bytes) };
    }

    private ulong Allocate(int size)
    {
        nextAllocation += 1UL << 30;
        objects[nextAllocation] = new byte[size];
        return nextAllocation;
    }

    private void Read(int slot, ulong address, ulong size)
    {
        if (size > 0) _ = Memory(slot, address, checked((int)size));
    }

    private void Write(int slot, ulong address, ulong size)
    {
        if (size > 0) random.NextBytes(Memory(slot, address, checked((int)size)));
    }

    private ulong Helper(int slot, int id, ulong[] r)
    {
        switch (id)
        {
            case 1:
                int map = (int)r[1] - MapHandles;
                MapDefinition definition = program.Maps[map];
                uint key = BitConverter.ToUInt32(Memory(slot, r[2], definition.KeySize));
                observer?.LookUp(slot, map, key);
                if (IsArray(definition)) return key < (uint)definition.MaxEntries ? Element(map, (int)key) : 0;
                return random.Next(3) == 0 ? 0 : Element(map, 0);
            case 2:
                MapDefinition updated = program.Maps[(int)r[1] - MapHandles];
                uint index = BitConverter.ToUInt32(Memory(slot, r[2], updated.KeySize));
                Span<byte> value = Memory(slot, r[3], updated.ValueSize);
                if (random.Next(3) == 0) return 0 - (ulong)random.Next(1, 40);
                if (!IsArray(updated)) index = 0;
                if (index < (uint)updated.MaxEntries) value.CopyTo(objects[Element((int)r[1] - MapHandles, (int)index)]);
                return 0;
            case 3:
                Read(slot, r[2], (ulong)program.Maps[(int)r[1] - MapHandles].KeySize);
                return random.Next(2) == 0 ? 0 : 0 - (ulong)random.Next(1, 40);
            case 5: return RandomNumbers.Any(random);
            case 7: return (uint)RandomNumbers.Any(random);
            case 8: return (ulong)random.Next(2) * 1023;
            case 12: return 0 - (ulong)random.Next(1, 40);
            case 26 or 189:
                if (r[4] == 0) throw new Violation(slot, "no bytes to load");
                Write(slot, r[3], r[4]);
                return random.Next(3) == 0 ? 0 - (ulong)random.Next(1, 40) : 0;
            case 28:
                Read(slot, r[1], r[2]);
                Read(slot, r[3], r[4]);
                return random.Next(4) == 0 ? unchecked((ulong)-22) : (uint)random.Next();
            case 130:
                Read(slot, r[2], r[3]);
                return random.Next(2) == 0 ? 0 : unchecked((ulong)-11);
            case 131:
                return random.Next(3) == 0 ? 0 : Allocate((int)r[2]);
            case 132 or 133:
                if (!objects.Remove(r[1])) throw new Violation(slot, "given back what isn't held");
                return 0xDEAD_0000_0000_0000;
            case 164:
                return ForEach(slot, (int)r[1] - MapHandles, (int)r[2], r[1], r[3]);
            case 181:
                ulong rounds = (uint)r[1], context = r[3];
                int callback = (int)r[2];
                for (ulong n = 0; n < rounds; n++)
                {
                    ulong result = Call(callback, [n, context]);
                    if (result > 1) throw new Violation(slot, "callback result");
                    if (result == 1) return n + 1;

                    // Of very many rounds, the last ones are as good as the middle ones.
                    if (n == 20 && rounds > 60) n = rounds - 20;
                }

                return rounds;
            default:
                throw new NotSupportedException($"helper {id}");
        }
    }

    private static bool IsArray(MapDefinition map) => map.Type is MapType.Array or MapType.PerCpuArray;

    private ulong ForEach(int slot, int map, int callback, ulong handle, ulong context)
    {
        int count = IsArray(program.Maps[map]) ? program.Maps[map].MaxEntries : random.Next(program.Maps[map].MaxEntries + 1);
        for (int n = 0; n < count; n++)
        {
            ulong key = Allocate(program.Maps[map].KeySize);
            if (IsArray(program.Maps[map])) BitConverter.TryWriteBytes(objects[key], n);
            else random.NextBytes(objects[key]);
            ulong result = Call(callback, [handle, key, Element(map, IsArray(program.Maps[map]) ? n : 0), context]);
            objects.Remove(key);
            if (result > 1) throw new Violation(slot, "callback result");
            if (result == 1) return (ulong)(n + 1);
        }

        return (ulong)count;
    }
}
