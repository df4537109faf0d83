// The contents of a memory. Pages of zeros, which most of a large memory often is, aren't kept.

using Anneal.Runtime;

namespace Anneal.Wasm.Suspension;

/// <summary>A linear memory of a suspended guest.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Pages">The bytes of each page of <see cref="PageBytes"/>, the last one perhaps shorter; null for zeros.</param>
internal sealed unsafe record MemoryImage(ulong Length, byte[]?[] Pages)
{
    public const int PageBytes = 1 << 16;

    /// <summary>The bytes that are kept.</summary>
    public long HeldBytes => Pages.Sum(page => (long)(page?.Length ?? 0));

    /// <summary>Copies a memory.</summary>
    public static MemoryImage Of(LinearMemory memory)
    {
        ulong length = memory.Length;
        var pages = new byte[]?[(int)((length + PageBytes - 1) / PageBytes)];
        for (int i = 0; i < pages.Length; i++)
        {
            Span<byte> page = PageOf(memory, length, i);
            if (page.ContainsAnyExcept((byte)0)) pages[i] = page.ToArray();
        }

        return new MemoryImage(length, pages);
    }

    /// <summary>Writes the contents to a memory that has the length.</summary>
    public void CopyTo(LinearMemory memory)
    {
        for (int i = 0; i < Pages.Length; i++)
        {
            Span<byte> page = PageOf(memory, Length, i);
            if (Pages[i] is { } bytes) bytes.CopyTo(page);
            else if (page.ContainsAnyExcept((byte)0)) page.Clear();
        }
    }

    private static Span<byte> PageOf(LinearMemory memory, ulong length, int page)
    {
        ulong start = (ulong)page * PageBytes;
        return new Span<byte>(memory.Base + start, (int)Math.Min(PageBytes, length - start));
    }
}
