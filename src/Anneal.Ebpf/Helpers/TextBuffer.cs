namespace Anneal.Ebpf.Helpers;

/// <summary>Bytes that are put together: on the caller's stack first, on the heap when there are more.</summary>
internal ref struct TextBuffer(Span<byte> initial)
{
    private Span<byte> bytes = initial;
    private int count;

    /// <summary>What there is.</summary>
    public readonly ReadOnlySpan<byte> Written => bytes[..count];

    public void Append(scoped ReadOnlySpan<byte> more)
    {
        more.CopyTo(Take(more.Length));
    }

    public void Repeat(byte value, int times)
    {
        if (times > 0) Take(times).Fill(value);
    }

    private Span<byte> Take(int length)
    {
        if (bytes.Length - count < length)
        {
            byte[] larger = new byte[Math.Max(bytes.Length * 2, count + length)];
            Written.CopyTo(larger);
            bytes = larger;
        }

        Span<byte> taken = bytes.Slice(count, length);
        count += length;
        return taken;
    }
}
