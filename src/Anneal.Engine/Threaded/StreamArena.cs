using System.Runtime.InteropServices;
using Anneal.Runtime;

namespace Anneal.Threaded;

/// <summary>The native memory of a unit's streams: never moved, freed all at once. Its owner serializes.</summary>
internal sealed unsafe class StreamArena
{
    private const int ChunkBytes = 64 << 10;

    private readonly ValueList<nint> chunks = new();
    private byte* next;
    private int left;

    /// <summary>Copies a stream to where it stays.</summary>
    public byte* Add(ReadOnlySpan<byte> stream)
    {
        int bytes = (stream.Length + 15) & ~15;
        if (bytes > left)
        {
            int size = Math.Max(bytes, ChunkBytes);
            byte* chunk = (byte*)NativeMemory.AlignedAlloc((nuint)size, 64);
            chunks.Add((nint)chunk);
            if (size != bytes || left == 0)
            {
                next = chunk;
                left = size;
            }
            else
            {
                // A stream of its own size leaves the chunk in use as it is.
                stream.CopyTo(new Span<byte>(chunk, stream.Length));
                return chunk;
            }
        }

        byte* place = next;
        stream.CopyTo(new Span<byte>(place, stream.Length));
        next += bytes;
        left -= bytes;
        return place;
    }

    public void Free()
    {
        foreach (nint chunk in chunks.Items) NativeMemory.AlignedFree((void*)chunk);
        chunks.Clear();
        left = 0;
    }
}
