// Where emitters put bytes. The problem: code grows while it's written, jumps name places that aren't known yet, and the
// final address is known last of all. So the bytes live in unmanaged memory that may move, everything inside refers to
// everything else by offset, and what depends on the final address is a relocation, applied by CopyTo.
//
// Invariants: at Cursor there is always room for one instruction (Slack bytes), so an emitter writes first and asks for room
// afterwards, when it moves the cursor with Advance: nothing has to survive the call that grows the buffer, and emitters
// need no stack frame. An unbound label's uses form a chain through their own displacement fields. No allocation happens
// per instruction. Not thread-safe: a buffer belongs to one compilation at a time and is reused through Reset. After a
// CodeTooLargeException only Reset and Dispose make sense.
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

    /// <summary>Bytes that may be written at the cursor without asking. No instruction is longer than 15.</summary>
    public const int Slack = 32;

    private const int InitialCapacity = 16 << 10;

    private readonly int _limit;
    private byte* _cursor;
    private byte* _start;
    private byte* _end; // Slack bytes follow
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
        _start = (byte*)NativeMemory.Alloc((nuint)(capacity + Slack));
        _end = _start + capacity;
        _cursor = _start;
    }

    ~CodeBuffer() => Free();

    /// <summary>Where the next byte goes; <see cref="Slack"/> bytes may be written here. Null once disposed.</summary>
    internal byte* Cursor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _cursor;
    }

    /// <summary>Offset of the next byte: the number of bytes emitted so far.</summary>
    public int Position
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)(_cursor - _start);
    }

    /// <summary>The bytes so far. Fields that relocations or unbound labels will fill hold no meaning yet.</summary>
    public ReadOnlySpan<byte> Bytes => new(_start, Position);

    /// <summary>The sites recorded so far, by ascending offset.</summary>
    public ReadOnlySpan<Site> Sites => _sites.AsSpan(0, _siteCount);

    /// <summary>What the final address must be a multiple of, for the alignments inside to hold.</summary>
    public int RequiredAlignment => _alignment;

    /// <summary>Moves the cursor behind what was written at it.</summary>
    /// <exception cref="CodeTooLargeException">The limit is reached; the cursor stays.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Advance(byte* end)
    {
        if (end > _end)
            Grow(end);
        else
            _cursor = end;
    }

    public void Byte(byte value)
    {
        byte* p = _cursor;
        *p = value;
        Advance(p + 1);
    }

    public void Int32(int value)
    {
        byte* p = _cursor;
        Unsafe.WriteUnaligned(p, value);
        Advance(p + 4);
    }

    public void Int64(long value)
    {
        byte* p = _cursor;
        Unsafe.WriteUnaligned(p, value);
        Advance(p + 8);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
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
        Span<byte> bytes = Reserve(gap);
        if (fill == NopFill.Nop)
            X64Nops.Fill(bytes);
        else
        {
            byte filler = fill == NopFill.Breakpoint ? (byte)0xCC : (byte)0;
            for (int i = 0; i < bytes.Length; i++)
                bytes[i] = filler;
        }
    }

    /// <summary>Room for that many bytes, which the caller fills before anything else is emitted.</summary>
    internal Span<byte> Reserve(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ObjectDisposedException.ThrowIf(_start == null, this);
        int position = Position;
        if (_end - _cursor < bytes)
            Resize((long)position + bytes);
        _cursor = _start + position + bytes;
        return new Span<byte>(_start + position, bytes);
    }

    /// <summary>Forgets code, labels, literals, relocations and sites, and keeps the memory for the next function.</summary>
    public void Reset()
    {
        ObjectDisposedException.ThrowIf(_start == null, this);
        _cursor = _start;
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
        // A use after this is a NullReferenceException instead of a write to freed memory.
        _start = _end = _cursor = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(byte* end)
    {
        long needed = end - _start;
        Resize(needed);
        _cursor = _start + needed;
    }

    /// <summary>Makes the buffer larger, at least so large. Only the cursor has to be set anew.</summary>
    private void Resize(long needed)
    {
        if (needed > _limit)
            throw new CodeTooLargeException(needed, _limit);
        int position = Position;
        long capacity = Math.Min(Math.Max(needed, 2 * (_end - _start)), _limit);
        _start = (byte*)NativeMemory.Realloc(_start, (nuint)(capacity + Slack));
        _end = _start + capacity;
        _cursor = _start + position;
    }

    [DoesNotReturn]
    private static void ThrowState(string message) => throw new InvalidOperationException(message);
}
