// Which pairs of instructions have one handler, and those handlers. The pairs come from counts of what programs execute
// (docs/experiments.md); the saving is a dispatch.

namespace Anneal.Threaded;

/// <summary>Fused handlers by the keys of their two instructions. Reads are lock-free; additions are the owner's to serialize.</summary>
internal sealed class FusedHandlers
{
    private volatile Entry[] entries = new Entry[256];
    private int count;

    // Addresses are published after the keys: an entry with an address is whole.
    private struct Entry
    {
        public long Keys;
        public nint Address;
    }

    /// <summary>Whether these two are worth a handler of their own.</summary>
    public static bool IsWanted(HandlerKey first, HandlerKey second) => false;

    public nint Find(HandlerKey first, HandlerKey second)
    {
        Entry[] table = entries;
        long keys = Combine(first, second);
        for (int i = IndexOf(keys, table.Length); ; i = (i + 1) & (table.Length - 1))
        {
            ref Entry entry = ref table[i];
            nint address = Volatile.Read(ref entry.Address);
            if (address == 0) return 0;
            if (entry.Keys == keys) return address;
        }
    }

    public void Add(HandlerKey first, HandlerKey second, nint address)
    {
        if (count * 2 >= entries.Length)
        {
            var larger = new Entry[entries.Length * 2];
            foreach (Entry entry in entries)
            {
                if (entry.Address != 0) Insert(larger, entry.Keys, entry.Address);
            }

            entries = larger;
        }

        Insert(entries, Combine(first, second), address);
        count++;
    }

    private static void Insert(Entry[] table, long keys, nint address)
    {
        int i = IndexOf(keys, table.Length);
        while (table[i].Address != 0) i = (i + 1) & (table.Length - 1);
        table[i].Keys = keys;
        Volatile.Write(ref table[i].Address, address);
    }

    private static long Combine(HandlerKey first, HandlerKey second) => ((long)first.Bits << 32) | (uint)second.Bits;

    private static int IndexOf(long keys, int length) => (int)((ulong)(keys * unchecked((long)0x9E37_79B9_7F4A_7C15)) >> 40) & (length - 1);
}
