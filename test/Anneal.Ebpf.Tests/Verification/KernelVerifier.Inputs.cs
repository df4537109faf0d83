// Runs in the kernel with maps that hold what a RunInput says, and what a program left in them.

using System.Globalization;
using System.Runtime.InteropServices;

namespace Anneal.Ebpf.Tests.Verification;

internal sealed unsafe partial class KernelVerifier
{
    private const int MapLookup = 1, MapDelete = 3, NextKey = 4;
    private const int PageBytes = 4096;
    private const int ProtectRead = 1, ProtectWrite = 2, Shared = 1;
    private const uint Busy = 1u << 31, Discarded = 1u << 30;

    private static readonly int Processors = PossibleProcessors();

    /// <summary>
    /// New maps in place of those that can't be set back: what a program leaves unwritten in a record is what was in the ring buffer before, and a
    /// program array takes programs of the first one's type only.
    /// </summary>
    public void Renew()
    {
        foreach (string name in new[] { "ring", "progs" })
        {
            int map = TestMaps.IndexOf(name);
            _ = Close(maps[map]);
            maps[map] = Create(TestMaps.All[map]);
        }
    }

    /// <summary>Runs a program once for each input; null with the log if the kernel refuses it.</summary>
    public string[]? Run(EbpfProgram program, RunInput[] inputs, out string log)
    {
        int file = Open(program, out log);
        if (file < 0) return null;
        int target = Open(RunInput.TailTarget(program.Type), out string refusal);
        if (target < 0) throw new InvalidOperationException($"the tail call's target is refused: {refusal}");
        try
        {
            Update(maps[TestMaps.IndexOf("progs")], BitConverter.GetBytes(1), BitConverter.GetBytes(target));
            var outcomes = new string[inputs.Length];
            for (int run = 0; run < inputs.Length; run++) outcomes[run] = Run(file, inputs[run]);
            return outcomes;
        }
        finally
        {
            _ = Close(target);
            _ = Close(file);
        }
    }

    private string Run(int file, RunInput input)
    {
        foreach ((string name, List<(byte[] Key, byte[] Value)> entries) in input.Entries)
        {
            MapDefinition map = TestMaps.All[TestMaps.IndexOf(name)];
            int at = maps[TestMaps.IndexOf(name)];
            if (map.Type is not (MapType.Array or MapType.PerCpuArray))
            {
                foreach (byte[] key in Keys(at, map.KeySize)) Invoke(MapDelete, at, key, null, 0);
            }

            foreach ((byte[] key, byte[] value) in entries) Update(at, key, map.Type == MapType.PerCpuArray ? [.. Enumerable.Repeat(value, Processors).SelectMany(one => one)] : value);
        }

        uint result = Run(file, input.Packet, out byte[] output);
        return RunInput.Outcome(result, output, RunInput.Maps.Select(name => (name, Entries(name, input))), TakeRecords());
    }

    private List<(byte[] Key, byte[] Value)> Entries(string name, RunInput input)
    {
        MapDefinition map = TestMaps.All[TestMaps.IndexOf(name)];
        int at = maps[TestMaps.IndexOf(name)], size = map.ValueSize;
        bool perProcessor = map.Type == MapType.PerCpuArray;
        var entries = new List<(byte[], byte[])>();
        foreach (byte[] key in Keys(at, map.KeySize))
        {
            byte[] value = new byte[perProcessor ? size * Processors : size];
            if (Invoke(MapLookup, at, key, value, 0) < 0) continue;
            if (perProcessor)
            {
                // The program ran on one processor: that's the value that is another than before, if one is.
                byte[] before = input.Entries[name].Find(entry => entry.Key.AsSpan().SequenceEqual(key)).Value;
                byte[][] changed = [.. value.Chunk(size).Where(one => !one.AsSpan().SequenceEqual(before))];
                value = changed.Length == 0 ? before : changed.Length == 1 ? changed[0] : throw new InvalidOperationException("a run on several processors");
            }

            entries.Add((key, value));
        }

        return entries;
    }

    private static List<byte[]> Keys(int map, int size)
    {
        var keys = new List<byte[]>();
        byte[]? last = null;
        while (true)
        {
            byte[] next = new byte[size];
            if (Invoke(NextKey, map, last, next, 0) < 0) return keys;
            keys.Add(next);
            last = next;
        }
    }

    private static void Update(int map, byte[] key, byte[] value)
    {
        if (Invoke(MapUpdate, map, key, value, 0) < 0) throw new InvalidOperationException($"the kernel's map takes no entry: error {Marshal.GetLastPInvokeError()}");
    }

    private static int Invoke(int command, int map, byte[]? key, byte[]? value, ulong flags)
    {
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            byte* attribute = stackalloc byte[AttributeBytes];
            new Span<byte>(attribute, AttributeBytes).Clear();
            *(int*)attribute = map;
            *(nint*)(attribute + 8) = (nint)k;
            *(nint*)(attribute + 16) = (nint)v;
            *(ulong*)(attribute + 24) = flags;
            return (int)Call(SystemCall, command, attribute, AttributeBytes);
        }
    }

    // The ring buffer's pages: the consumer's position, the producer's, the data twice in a row.
    private List<byte[]> TakeRecords()
    {
        int ring = TestMaps.IndexOf("ring"), size = TestMaps.All[ring].MaxEntries;
        var records = new List<byte[]>();
        nint consumer = Map(0, PageBytes, ProtectRead | ProtectWrite, Shared, maps[ring], 0);
        nint producer = Map(0, PageBytes + (2 * size), ProtectRead, Shared, maps[ring], PageBytes);
        if (consumer == -1 || producer == -1) throw new InvalidOperationException($"the ring buffer can't be mapped: error {Marshal.GetLastPInvokeError()}");
        try
        {
            ulong at = *(ulong*)consumer, end = *(ulong*)producer;
            byte* data = (byte*)producer + PageBytes;
            while (at < end)
            {
                byte* record = data + (at & ((ulong)size - 1));
                uint header = *(uint*)record, length = header & ~(Busy | Discarded);
                if ((header & Busy) != 0) throw new InvalidOperationException("a record that was never given back");
                if ((header & Discarded) == 0) records.Add(new ReadOnlySpan<byte>(record + 8, (int)length).ToArray());
                at += ((length + 7) & ~7ul) + 8;
            }

            *(ulong*)consumer = end;
            return records;
        }
        finally
        {
            _ = Unmap(consumer, PageBytes);
            _ = Unmap(producer, PageBytes + (2 * size));
        }
    }

    private static int PossibleProcessors()
    {
        // "0-3", or "0".
        string text = File.ReadAllText("/sys/devices/system/cpu/possible").Trim();
        return int.Parse(text[(text.LastIndexOfAny(['-', ',']) + 1)..], CultureInfo.InvariantCulture) + 1;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);
}
