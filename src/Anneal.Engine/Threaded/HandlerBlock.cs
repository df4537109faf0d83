using Anneal.Assembler;
using Anneal.Runtime;

namespace Anneal.Threaded;

/// <summary>A piece of the code space that handlers are placed in one after another, with their sites by address.</summary>
internal sealed unsafe class HandlerBlock(CodeBlock block)
{
    /// <summary>What a handler's address is a multiple of.</summary>
    public const int Alignment = 16;

    private readonly ValueList<Site> sites = new();
    private int used;

    public bool Fits(int bytes) => used + bytes <= block.Size;

    // A return address may be just behind the last instruction.
    public bool Contains(nint address) => address >= (nint)block.Executable && address <= (nint)block.Executable + used;

    /// <summary>Copies a finished handler into the block; its address.</summary>
    public nint Place(CodeBuffer code)
    {
        int start = used;
        code.CopyTo(block.Writable + start, block.Executable + start);
        foreach (ref readonly Site site in code.Sites) sites.Add(new Site(start + site.Offset, site.Kind, site.Data));
        used = (start + code.Position + Alignment - 1) & -Alignment;
        return (nint)block.Executable + start;
    }

    public bool TryFindSite(nint address, out ushort kind, out int data)
    {
        int wanted = (int)(address - (nint)block.Executable);
        int low = 0, high = sites.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (sites[middle].Offset < wanted) low = middle + 1;
            else high = middle;
        }

        kind = 0;
        data = 0;
        if (low == sites.Count || sites[low].Offset != wanted) return false;
        kind = sites[low].Kind;
        data = sites[low].Data;
        return true;
    }
}
