// The process's one reservation for emitted code, under 2 GiB so that every call inside is in reach of a rel32, mapped
// twice from one anonymous file: a view that can be written and a view that can be executed, never both at an address.
// Engines allocate from it and give back; together with the signal handler it's the only process-wide state, because
// the handler must tell "our code faulted" by comparing with one range.
//
// For `perf` the space is made of anonymous memory: what is mapped from a file, also from one without a name, perf takes for a
// library, and never looks into its map of emitted code for it.
//
// The blocks that are free are kept in a FreeBlocks.

using System.Runtime.InteropServices;
using Anneal.Diagnostics;

namespace Anneal.Runtime;

/// <summary>Allocates executable memory. Thread-safe.</summary>
internal sealed unsafe class CodeSpace
{
    private const long Size = 1L << 30;
    private const int Alignment = 64;
    private static readonly Lazy<CodeSpace?> Shared = new(TryCreate);
    private readonly Lock gate = new();
    private readonly FreeBlocks free = new();
    private readonly byte* writable;
    private readonly byte* executable;
    private readonly int file;

    private CodeSpace(int file, byte* writable, byte* executable)
    {
        this.file = file;
        this.writable = writable;
        this.executable = executable;
        free.Add(0, Size);
    }

    /// <summary>The process's code space; null where the system refuses executable memory or address space.</summary>
    public static CodeSpace? Instance => Shared.Value;

    /// <summary>The first address of the executable view.</summary>
    public nint Start => (nint)executable;

    /// <summary>The length of the executable view in bytes.</summary>
    public long Length => Size;

    /// <summary>The size of a block with room for so many bytes.</summary>
    public static long BlockSize(int bytes) => ((long)bytes + Alignment - 1) & ~(Alignment - 1L);

    /// <summary>Reserves a block.</summary>
    /// <exception cref="OutOfMemoryException">No free block is large enough.</exception>
    public CodeBlock Allocate(int bytes) => TryAllocate(bytes, out CodeBlock block)
        ? block
        : throw new OutOfMemoryException($"the code space has no room for {bytes} bytes");

    /// <summary>Reserves a block, if some free one is large enough.</summary>
    public bool TryAllocate(int bytes, out CodeBlock block)
    {
        long size = BlockSize(bytes);
        lock (gate)
        {
            long start = free.Take(size);
            if (start >= 0)
            {
                block = new CodeBlock(writable + start, executable + start, (int)size);
                return true;
            }
        }

        block = default;
        return false;
    }

    /// <summary>Takes a block back. Nothing may execute or refer to it any more.</summary>
    public void Free(CodeBlock block)
    {
        long start = block.Executable - executable;
        long size = block.Size;
        // Before the block can be allocated again: it would take the new code away.
        Wipe(start, size);
        lock (gate) free.Add(start, size);
    }

    private static CodeSpace? TryCreate()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return null;
        if (PerfMap.Instance is not null) return TryCreateAnonymous();
        int file;
        fixed (byte* name = "anneal-code\0"u8) file = Libc.CreateMemoryFile(name, flags: 1);
        if (file < 0) return null;
        if (Libc.Truncate(file, Size) == 0)
        {
            void* writable = Libc.Map(null, (nuint)Size, Libc.ProtRead | Libc.ProtWrite, Libc.MapShared | Libc.MapNoReserve, file, 0);
            void* executable = Libc.Map(null, (nuint)Size, Libc.ProtRead | Libc.ProtExec, Libc.MapShared | Libc.MapNoReserve, file, 0);
            if (writable != Libc.MapFailed && executable != Libc.MapFailed)
                return new CodeSpace(file, (byte*)writable, (byte*)executable);
            if (writable != Libc.MapFailed) _ = Libc.Unmap(writable, (nuint)Size);
        }

        _ = Libc.Close(file);
        return null;
    }

    private static CodeSpace? TryCreateAnonymous()
    {
        void* writable = Libc.Map(null, (nuint)Size, Libc.ProtRead | Libc.ProtWrite, Libc.MapShared | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
        if (writable == Libc.MapFailed) return null;
        // Of an old length of 0, the system makes a second view of the same pages.
        void* executable = Libc.Remap(writable, 0, (nuint)Size, Libc.RemapMayMove);
        if (executable != Libc.MapFailed)
        {
            if (Libc.Protect(executable, (nuint)Size, Libc.ProtRead | Libc.ProtExec) == 0) return new CodeSpace(-1, (byte*)writable, (byte*)executable);
            _ = Libc.Unmap(executable, (nuint)Size);
        }

        _ = Libc.Unmap(writable, (nuint)Size);
        return null;
    }

    // Whole pages of a freed block go back to the system and read as zero; in the rest, stale jumps shall fault.
    private void Wipe(long start, long size)
    {
        const int PunchHole = 3;
        const byte Breakpoint = 0xCC;
        long first = Math.Min((start + 4095) & ~4095L, start + size);
        long end = Math.Max((start + size) & ~4095L, first);
        if (end > first)
        {
            int failed = file >= 0
                ? Libc.Allocate(file, PunchHole, first, end - first)
                : Libc.Advise(writable + first, (nuint)(end - first), Libc.AdviseRemove);
            if (failed != 0) end = first;
        }

        new Span<byte>(writable + start, (int)(first - start)).Fill(Breakpoint);
        new Span<byte>(writable + end, (int)(start + size - end)).Fill(Breakpoint);
    }
}
