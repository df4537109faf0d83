// A growing byte buffer that writes what the binary format is made of: LEB128 numbers (always minimal), names, raw bytes.
// The text encoder keeps one for each section and one for each thing that needs its length written before it.

using System.Buffers.Binary;
using System.Numerics;

namespace Anneal.Wasm.Text;

internal sealed class WasmBytes(int capacity = 64)
{
    private byte[] _bytes = new byte[capacity];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public ReadOnlySpan<byte> From(int start) => _bytes.AsSpan(start, Length - start);

    public void Clear() => Length = 0;

    public void Truncate(int length) => Length = length;

    public byte[] ToArray() => Span.ToArray();

    public void Byte(byte value)
    {
        if (Length == _bytes.Length)
            Grow(1);
        _bytes[Length++] = value;
    }

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>Makes room for that many bytes at the end and returns it, to be filled.</summary>
    public Span<byte> Take(int count)
    {
        if (count > _bytes.Length - Length)
            Grow(count);
        Span<byte> room = _bytes.AsSpan(Length, count);
        Length += count;
        return room;
    }

    public void U32(uint value) => U64(value);

    public void U64(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }
        Byte((byte)value);
    }

    public void S64(long value)
    {
        while (value is < -64 or > 63)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }
        Byte((byte)(value & 0x7F));
    }

    public void Fixed32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void Fixed64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    /// <summary>A length and as many bytes: a name, a function body, a section's content.</summary>
    public void Sized(ReadOnlySpan<byte> value)
    {
        U32((uint)value.Length);
        Bytes(value);
    }

    private void Grow(int count)
    {
        long wanted = Math.Max((long)Length + count, 64);
        long size = Math.Min((long)BitOperations.RoundUpToPowerOf2((ulong)wanted), Array.MaxLength);
        if (size < wanted)
            throw new WatException("the encoded module would be larger than 2 GiB");
        Array.Resize(ref _bytes, (int)size);
    }
}
