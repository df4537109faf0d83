// A hash table in unmanaged memory, chained, with a fixed number of elements: the hash maps, LRU maps and tries are made of it.
//
// A link is an element's number plus one, or at a chain's end the complement of its bucket's number; a bucket that never had an
// element is 0, so that memory nobody used stays untouched.
//
// Readers take no lock. A chain ends in the number of its bucket: a reader that was led into another chain, because
// the element it stood on was removed and reused, sees the wrong number at the end and starts again. Removed elements are
// reused in the order of their removal, so a program's pointer to a removed value stays what it was for as long as possible;
// it never points to anything but a value of this map.
//
// Values, keys and links are in three memories: programs reach the first for writing, the second for reading, the third never.

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anneal.Ebpf.Maps;

/// <summary>A hash table of fixed capacity. Reading needs no lock; writing is under the caller's.</summary>
internal sealed unsafe class HashTable
{
    private const byte Free = 0;
    private const byte Used = 1;
    private const byte UsedLately = 3;
    private readonly int keySize;
    private readonly int keyStride;
    private readonly long valueBytes;
    private readonly ulong seed;
    private readonly uint mask;
    private readonly int capacity;
    private readonly MapMemory links;
    private readonly int* buckets;
    private readonly int* next;
    private readonly int* nextFree;
    private readonly uint* hashes;
    private readonly byte* states;
    private readonly byte* keys;
    private readonly byte* values;
    private int fresh;
    private int freeHead = -1;
    private int freeTail = -1;
    private int hand;
    private int count;

    /// <param name="keySize">Bytes of a key.</param>
    /// <param name="valueBytes">Bytes of an element's values, a multiple of 8.</param>
    /// <param name="capacity">The number of elements.</param>
    /// <param name="seed">What the hash depends on.</param>
    public HashTable(int keySize, long valueBytes, int capacity, ulong seed)
    {
        this.keySize = keySize;
        this.valueBytes = valueBytes;
        this.capacity = capacity;
        this.seed = seed;
        keyStride = (keySize + 7) & ~7;
        uint bucketCount = BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity, 8));
        mask = bucketCount - 1;
        Values = new MapMemory(valueBytes * capacity);
        Keys = new MapMemory((long)keyStride * capacity);
        links = new MapMemory(((long)bucketCount * sizeof(int)) + (long)capacity * (3 * sizeof(int) + 1));
        values = Values.Start;
        keys = Keys.Start;
        buckets = (int*)links.Start;
        next = buckets + bucketCount;
        nextFree = next + capacity;
        hashes = (uint*)(nextFree + capacity);
        states = (byte*)(hashes + capacity);
    }

    public MapMemory Values { get; }

    public MapMemory Keys { get; }

    public int Count => Volatile.Read(ref count);

    /// <summary>The values of an element.</summary>
    public byte* ValueOf(int element) => values + (element * valueBytes);

    /// <summary>The key of an element.</summary>
    public byte* KeyOf(int element) => keys + ((long)element * keyStride);

    /// <summary>The element of a key; -1 if there's none.</summary>
    public int Find(byte* key)
    {
        uint hash = HashOf(key);
        int steps = 0;
        while (true)
        {
            int link = Volatile.Read(ref buckets[hash & mask]);
            while (link > 0)
            {
                int element = link - 1;
                if (hashes[element] == hash && KeyEquals(key, KeyOf(element))) return element;
                link = Volatile.Read(ref next[element]);
                // Chains that change all the time could lead round and round.
                if (++steps > capacity * 2L + 16) return -1;
            }

            if (link == 0 || ~link == (int)(hash & mask)) return -1;
        }
    }

    /// <summary>Notes that an element was used, for <see cref="Evict"/>.</summary>
    public void Touch(int element)
    {
        if (states[element] == Used) states[element] = UsedLately;
    }

    /// <summary>An element for a new key, its values to be filled in before <see cref="Publish"/>; -1 if all are in use.</summary>
    public int Take()
    {
        if (fresh < capacity) return fresh++;
        int element = freeHead;
        if (element < 0) return -1;
        freeHead = nextFree[element];
        if (freeHead < 0) freeTail = -1;
        return element;
    }

    /// <summary>Makes a taken element the one of a key that isn't in the table.</summary>
    public void Publish(int element, byte* key)
    {
        uint hash = HashOf(key);
        Buffer.MemoryCopy(key, KeyOf(element), keySize, keySize);
        hashes[element] = hash;
        states[element] = Used;
        int head = buckets[hash & mask];
        next[element] = head == 0 ? ~(int)(hash & mask) : head;
        Volatile.Write(ref buckets[hash & mask], element + 1);
        Volatile.Write(ref count, count + 1);
    }

    /// <summary>Removes a key; false if it isn't there.</summary>
    public bool Remove(byte* key)
    {
        int element = Find(key);
        if (element < 0) return false;
        Remove(element);
        return true;
    }

    /// <summary>Removes an element that hasn't been used for some time (it's free for <see cref="Take"/> then).</summary>
    public void Evict()
    {
        for (long steps = 0; steps <= 2L * capacity; steps++)
        {
            int element = hand;
            hand = hand + 1 == capacity ? 0 : hand + 1;
            if (states[element] == UsedLately)
            {
                states[element] = Used;
            }
            else if (states[element] == Used)
            {
                Remove(element);
                return;
            }
        }
    }

    /// <summary>The element after a position, from -1 on; -1 at the end.</summary>
    public int Next(int position)
    {
        int end = Volatile.Read(ref fresh);
        for (int element = position + 1; element < end; element++)
        {
            if (states[element] != Free) return element;
        }

        return -1;
    }

    /// <summary>Whether there's an element at a position.</summary>
    public bool IsUsed(int position) => (uint)position < (uint)capacity && states[position] != Free;

    private void Remove(int element)
    {
        uint bucket = hashes[element] & mask;
        int* link = &buckets[bucket];
        while (*link != element + 1) link = &next[*link - 1];
        // The removed element's own link stays: a reader may stand on it.
        Volatile.Write(ref *link, next[element]);
        states[element] = Free;
        nextFree[element] = -1;
        if (freeTail >= 0) nextFree[freeTail] = element;
        else freeHead = element;
        freeTail = element;
        Volatile.Write(ref count, count - 1);
    }

    private bool KeyEquals(byte* a, byte* b) => keySize switch
    {
        4 => Unsafe.ReadUnaligned<uint>(a) == Unsafe.ReadUnaligned<uint>(b),
        8 => Unsafe.ReadUnaligned<ulong>(a) == Unsafe.ReadUnaligned<ulong>(b),
        _ => new ReadOnlySpan<byte>(a, keySize).SequenceEqual(new ReadOnlySpan<byte>(b, keySize)),
    };

    private uint HashOf(byte* key)
    {
        ulong hash = seed;
        int rest = keySize;
        for (; rest >= 8; rest -= 8, key += 8) hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(key));
        if (rest >= 4)
        {
            hash = Mix(hash ^ Unsafe.ReadUnaligned<uint>(key));
            rest -= 4;
            key += 4;
        }

        for (; rest > 0; rest--, key++) hash = Mix(hash ^ (*key | 0x100u));
        return (uint)(hash ^ (hash >> 32));
    }

    private static ulong Mix(ulong value)
    {
        ulong high = Math.BigMul(value ^ 0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93, out ulong low);
        return high ^ low;
    }
}
