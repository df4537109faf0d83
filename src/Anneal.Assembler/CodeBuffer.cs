// Where emitters put bytes. The problem: code grows while it's written, jumps name places that aren't known yet, and the
// final address is known last of all. So the bytes live in unmanaged memory that may move, everything inside refers to
// everything else by offset, and what depends on the final address is a relocation, applied by CopyTo.
//
// Invariants: Cursor is between the start and End; an unbound label's uses form a chain through their own displacement
// fields; no allocation happens per instruction. Emitters call Ensure once an instruction and then write through Cursor.
// Not thread-safe: a buffer belongs to one compilation at a time and is reused through Reset.
//
// The other halves of this class: .Labels.cs (labels and fix-ups), .Literals.cs (literal pool), .Placement.cs (relocations
// and the copy to the final place).

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Anneal.Assembler;

internal sealed unsafe partial class CodeBuffer : IDisposable
{
    /// <summary>No buffer may be larger: a fix-up link is an offset and three bits in a 32-bit field.</summary>
    public const int MaximumSize = 256 << 20;

    private const int InitialCapacity = 16 << 10;

    /// <summary>Where the next byte goes. For emitters only, between an <see cref="Ensure"/> and the bytes it promised.</summary>
    internal byte* Cursor;

    private readonly int _limit;
    private byte* _start;
    private byte* _end;
    private Site[] _sites = new Site[64];
    private int _siteCount;
    private int _alignment = 1;

    /// <param name="limit">Bytes at which emission fails with <see cref="CodeTooLargeException"/>.</param>
    public CodeBuffer(int limit = MaximumSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaximumSize);
        _limit = limit;
        int capacity = Math.Min(InitialCapacity, limit);
        _start = (byte*)NativeMemory.Alloc((nuint)capacity);
        _end = _start + capacity;
        Cursor = _start;
    }

    ~CodeBuffer() => Free();

    /// <summary>Offset of the next byte: the number of bytes emitted so far.</summary>
    public int Position
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)(Cursor - _start);
    }

    /// <summary>The bytes so far. Fields that relocations or unbound labels will fill hold no meaning yet.</summary>
    public ReadOnlySpan<byte> Bytes => new(_start, Position);

    /// <summary>The sites recorded so far, by ascending offset.</summary>
    public ReadOnlySpan<Site> Sites => _sites.AsSpan(0, _siteCount);

    /// <summary>What the final address must be a multiple of, for the alignments inside to hold.</summary>
    public int RequiredAlignment => _alignment;

    /// <summary>Makes room for that many bytes at <see cref="Cursor"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ensure(int bytes)
    {
        if (_end - Cursor < bytes)
            Grow(bytes);
    }

    public void Byte(byte value)
    {
        Ensure(1);
        *Cursor++ = value;
    }

    public void Int32(int value)
    {
        Ensure(4);
        Unsafe.WriteUnaligned(Cursor, value);
        Cursor += 4;
    }

    public void Int64(long value)
    {
        Ensure(8);
        Unsafe.WriteUnaligned(Cursor, value);
        Cursor += 8;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Ensure(bytes.Length);
        bytes.CopyTo(new Span<byte>(Cursor, bytes.Length));
        Cursor += bytes.Length;
    }

    /// <summary>Overwrites an immediate that was not known when it was emitted (a frame size, say).</summary>
    public void PatchInt32(int offset, int value)
    {
        if ((uint)offset > (uint)Position || Position - offset < 4)
            throw new ArgumentOutOfRangeException(nameof(offset), offset, "Outside the emitted code.");
        Unsafe.WriteUnaligned(_start + offset, value);
    }

    /// <summary>Notes that metadata describes the instruction (or return address) at the current position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSite(ushort kind, int data)
    {
        int count = _siteCount;
        if ((uint)count >= (uint)_sites.Length)
            Array.Resize(ref _sites, _sites.Length * 2);
        _sites[count] = new Site(Position, kind, data);
        _siteCount = count + 1;
    }

    /// <summary>Advances to a multiple of <paramref name="alignment"/>, a power of two up to 4096.</summary>
    public void Align(int alignment, NopFill fill)
    {
        if (alignment is < 1 or > 4096 || (alignment & (alignment - 1)) != 0)
            throw new ArgumentOutOfRangeException(nameof(alignment), alignment, "Not a power of two up to 4096.");
        _alignment = Math.Max(_alignment, alignment);
        int gap = -Position & (alignment - 1);
        if (gap == 0)
            return;
        Ensure(gap);
        switch (fill)
        {
            case NopFill.Nop:
                Cursor = X64Nops.Write(Cursor, gap);
                break;
            case NopFill.Breakpoint:
                new Span<byte>(Cursor, gap).Fill(0xCC);
                Cursor += gap;
                break;
            default:
                new Span<byte>(Cursor, gap).Clear();
                Cursor += gap;
                break;
        }
    }

    /// <summary>Forgets code, labels, literals, relocations and sites, and keeps the memory for the next function.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        Cursor = _start;
        _siteCount = 0;
        _alignment = 1;
        ResetLabels();
        ResetLiterals();
        _relocationCount = 0;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_start);
        // A use after this finds no room and fails in Grow instead of writing to freed memory.
        _start = _end = Cursor = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int bytes)
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        int position = Position;
        long needed = (long)position + bytes;
        if (needed > _limit)
            throw new CodeTooLargeException(needed, _limit);
        long capacity = Math.Min(Math.Max(needed, 2 * (_end - _start)), _limit);
        _start = (byte*)NativeMemory.Realloc(_start, (nuint)capacity);
        _end = _start + capacity;
        Cursor = _start + position;
    }

    [DoesNotReturn]
    private static void ThrowState(string message) => throw new InvalidOperationException(message);
}
