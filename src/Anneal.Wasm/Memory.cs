// A linear memory as the host sees it. The bytes are native memory at an address that never changes; see LinearMemory for
// why spans over them stay safe after growth and after Dispose.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Anneal.Runtime;
using Anneal.Wasm.Runtime;

namespace Anneal.Wasm;

/// <summary>
/// A linear memory: of an instance, made in a <see cref="Store"/>, or stand-alone, to be given to stores by a
/// <see cref="Linker"/>.
/// </summary>
/// <remarks>
/// Spans stay valid when the memory grows (they keep their length; the bytes don't move) and read as zero after the memory,
/// or the store that owns it, is disposed. A span doesn't keep the memory alive: keep the <see cref="Memory"/>, or the store or
/// an instance that has it, reachable while a span is in use. The guest may change the bytes while it runs.
/// </remarks>
public sealed unsafe class Memory : External, IDisposable
{
    private readonly MemoryType declared;
    private readonly bool isStandAlone;

    /// <summary>Creates a memory that belongs to no store; dispose it when no store uses it any more.</summary>
    /// <param name="type">Its initial and largest size.</param>
    /// <param name="checks">How guests' accesses are to be kept inside; use <see cref="Engine.MemoryChecks"/>.</param>
    /// <exception cref="ArgumentException">The type's bounds are no 32-bit memory's.</exception>
    /// <exception cref="OutOfMemoryException">The system refuses the memory.</exception>
    public Memory(MemoryType type, MemoryChecks checks = MemoryChecks.Hardware)
        : this(MemoryFactory.Create(Checked(type), checks), type) => isStandAlone = true;

    /// <summary>Creates a memory that belongs to a store, and counts towards its limits.</summary>
    /// <exception cref="ArgumentException">The type's bounds are no 32-bit memory's.</exception>
    /// <exception cref="StoreLimitException">A limit of the store would be exceeded.</exception>
    /// <exception cref="OutOfMemoryException">The system refuses the memory.</exception>
    public Memory(Store store, MemoryType type)
        : this(CreateIn(store, Checked(type)), type)
    {
    }

    internal Memory(LinearMemory linear, MemoryType declared)
    {
        Linear = linear;
        this.declared = declared;
    }

    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Memory;

    /// <summary>The memory's type; its minimum is the size that it was declared with.</summary>
    public MemoryType Type => declared;

    /// <summary>The size in bytes; 0 after it's disposed.</summary>
    public long Length => (long)Linear.Length;

    /// <summary>The size in pages of 64 KiB.</summary>
    public long Pages => Length / MemoryType.PageSize;

    internal LinearMemory Linear { get; }

    internal override ExternalType ExternalType => new(declared with { Limits = declared.Limits with { Minimum = (ulong)Pages } });

    /// <summary>All bytes. For memories over 2 GiB use the overload with an offset.</summary>
    /// <exception cref="InvalidOperationException">The memory is longer than a span can be.</exception>
    public Span<byte> AsSpan()
    {
        long length = Length;
        if (length > int.MaxValue) throw new InvalidOperationException("The memory is longer than a span can be; ask for a part.");
        return new Span<byte>(Linear.Base, (int)length);
    }

    /// <summary>A part of the bytes.</summary>
    /// <param name="offset">Where it starts, in bytes.</param>
    /// <param name="length">How many bytes it has.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part isn't inside the memory.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> AsSpan(long offset, int length)
    {
        ulong end = Linear.Length;
        if (length < 0 || (ulong)offset > end || (ulong)length > end - (ulong)offset) throw OutOfRange(offset, length);
        return new Span<byte>(Linear.Base + offset, length);
    }

    /// <summary>Makes the memory larger.</summary>
    /// <param name="pages">By how many pages of 64 KiB.</param>
    /// <returns>The previous size in pages; -1 if it can't grow so far.</returns>
    /// <exception cref="ObjectDisposedException">The memory, or the store that owns it, is disposed.</exception>
    public long Grow(long pages)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pages);
        if (pages > MemoryType.MaxPages) return -1;
        return Linear.TryGrow((ulong)pages * MemoryType.PageSize, out ulong previous) ? (long)previous / MemoryType.PageSize : -1;
    }

    /// <summary>Reads a byte.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The offset isn't inside the memory; so with all reads and writes.</exception>
    public byte ReadByte(long offset) => AsSpan(offset, 1)[0];

    /// <summary>Reads a 16-bit integer, little-endian as all numbers here.</summary>
    public short ReadInt16(long offset) => BinaryPrimitives.ReadInt16LittleEndian(AsSpan(offset, 2));

    /// <summary>Reads a 32-bit integer.</summary>
    public int ReadInt32(long offset) => BinaryPrimitives.ReadInt32LittleEndian(AsSpan(offset, 4));

    /// <summary>Reads a 64-bit integer.</summary>
    public long ReadInt64(long offset) => BinaryPrimitives.ReadInt64LittleEndian(AsSpan(offset, 8));

    /// <summary>Reads a 32-bit float.</summary>
    public float ReadSingle(long offset) => BinaryPrimitives.ReadSingleLittleEndian(AsSpan(offset, 4));

    /// <summary>Reads a 64-bit float.</summary>
    public double ReadDouble(long offset) => BinaryPrimitives.ReadDoubleLittleEndian(AsSpan(offset, 8));

    /// <summary>Writes a byte.</summary>
    public void WriteByte(long offset, byte value) => AsSpan(offset, 1)[0] = value;

    /// <summary>Writes a 16-bit integer.</summary>
    public void WriteInt16(long offset, short value) => BinaryPrimitives.WriteInt16LittleEndian(AsSpan(offset, 2), value);

    /// <summary>Writes a 32-bit integer.</summary>
    public void WriteInt32(long offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(AsSpan(offset, 4), value);

    /// <summary>Writes a 64-bit integer.</summary>
    public void WriteInt64(long offset, long value) => BinaryPrimitives.WriteInt64LittleEndian(AsSpan(offset, 8), value);

    /// <summary>Writes a 32-bit float.</summary>
    public void WriteSingle(long offset, float value) => BinaryPrimitives.WriteSingleLittleEndian(AsSpan(offset, 4), value);

    /// <summary>Writes a 64-bit float.</summary>
    public void WriteDouble(long offset, double value) => BinaryPrimitives.WriteDoubleLittleEndian(AsSpan(offset, 8), value);

    /// <summary>Reads a UTF-8 string; bytes that aren't UTF-8 become U+FFFD.</summary>
    /// <param name="offset">Where it starts.</param>
    /// <param name="length">Its length in bytes.</param>
    public string ReadString(long offset, int length) => Encoding.UTF8.GetString(AsSpan(offset, length));

    /// <summary>Reads a UTF-8 string up to the next zero byte.</summary>
    /// <param name="offset">Where it starts.</param>
    /// <exception cref="ArgumentOutOfRangeException">No zero byte follows.</exception>
    public string ReadNullTerminatedString(long offset)
    {
        ulong end = Linear.Length;
        if ((ulong)offset > end) throw OutOfRange(offset, 1);
        var rest = new ReadOnlySpan<byte>(Linear.Base + offset, (int)Math.Min(end - (ulong)offset, int.MaxValue));
        int length = rest.IndexOf((byte)0);
        return length >= 0 ? Encoding.UTF8.GetString(rest[..length]) : throw new ArgumentOutOfRangeException(nameof(offset), offset, "no zero byte ends the string");
    }

    /// <summary>Writes a string as UTF-8, without a zero byte at the end.</summary>
    /// <returns>The number of bytes written.</returns>
    public int WriteString(long offset, ReadOnlySpan<char> value) =>
        Encoding.UTF8.GetBytes(value, AsSpan(offset, Encoding.UTF8.GetByteCount(value)));

    /// <summary>Gives the pages of a stand-alone memory back. A memory of a store is the store's to dispose: nothing happens.</summary>
    public void Dispose()
    {
        if (isStandAlone) Linear.Dispose();
    }

    private static LinearMemory CreateIn(Store store, MemoryType type)
    {
        ArgumentNullException.ThrowIfNull(store);
        store.CheckAccess();
        return store.Resources.CreateMemory(type);
    }

    private static MemoryType Checked(MemoryType type)
    {
        if (type.Is64 || type.IsShared) throw new ArgumentException("Memories with 64-bit addresses and shared memories aren't supported.", nameof(type));
        ulong maximum = type.Limits.Maximum ?? MemoryType.MaxPages;
        if (type.Limits.Minimum > maximum || maximum > MemoryType.MaxPages)
            throw new ArgumentException($"A memory has at most {MemoryType.MaxPages} pages, and at least as many at most as at first.", nameof(type));
        return type;
    }

    private ArgumentOutOfRangeException OutOfRange(long offset, int length) =>
        new(nameof(offset), offset, $"{length} bytes at this offset aren't inside the memory of {Length} bytes");
}
