// Handlers by the keys of the instructions that they do: one, or several of a fused sequence.

namespace Anneal.Threaded;

/// <summary>A hash table of handlers. Reads are lock-free; additions are the owner's to serialize.</summary>
internal sealed class HandlerTable
{
    private volatile Entry?[] entries = new Entry?[256];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>The handler of a sequence; 0 if there's none.</summary>
    public nint Find(ReadOnlySpan<HandlerKey> sequence)
    {
        Entry?[] table = entries;
        uint hash = HashOf(sequence);
        for (int i = IndexOf(hash, table); Volatile.Read(ref table[i]) is { } entry; i = (i + 1) & (table.Length - 1))
        {
            if (entry.Hash == hash && sequence.SequenceEqual(entry.Keys)) return entry.Address;
        }

        return 0;
    }

    /// <summary>Adds a sequence that isn't there.</summary>
    public void Add(ReadOnlySpan<HandlerKey> sequence, nint address)
    {
        if ((Count + 1) * 2 > entries.Length)
        {
            var larger = new Entry?[entries.Length * 2];
            foreach (Entry? entry in entries)
            {
                if (entry is not null) Insert(larger, entry);
            }

            entries = larger;
        }

        Insert(entries, new Entry(sequence.ToArray(), HashOf(sequence), address));
        Count++;
    }

    private static void Insert(Entry?[] table, Entry entry)
    {
        int i = IndexOf(entry.Hash, table);
        while (table[i] is not null) i = (i + 1) & (table.Length - 1);
        Volatile.Write(ref table[i], entry);
    }

    private static uint HashOf(ReadOnlySpan<HandlerKey> sequence)
    {
        uint hash = (uint)sequence.Length;
        foreach (HandlerKey key in sequence) hash = (hash ^ (uint)key.Bits) * 0x9E37_79B1;
        return hash;
    }

    private static int IndexOf(uint hash, Entry?[] table) => (int)((hash ^ (hash >> 15)) & (uint)(table.Length - 1));

    private sealed class Entry(HandlerKey[] keys, uint hash, nint address)
    {
        public readonly HandlerKey[] Keys = keys;
        public readonly uint Hash = hash;
        public readonly nint Address = address;
    }
}
