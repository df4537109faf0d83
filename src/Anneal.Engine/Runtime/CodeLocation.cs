// Where a guest frame is: an address in emitted code, taken together with its frame, as function and bytecode position. In
// compiled code the address says it all; in a handler of the threaded interpreter the position in the stream does, which
// the frame keeps.

using Anneal.Templates;
using Anneal.Threaded;

namespace Anneal.Runtime;

/// <summary>A place in a guest function that a frame has reached.</summary>
internal sealed unsafe class CodeLocation
{
    private readonly nint address;
    private readonly nint position;
    private readonly ushort threadedKind;

    private CodeLocation(CodeRange range, nint address, nint position, ushort threadedKind)
    {
        this.threadedKind = threadedKind;
        Range = range;
        this.address = address;
        this.position = position;
    }

    /// <summary>The function's code, or its stream if the threaded interpreter runs it.</summary>
    public CodeRange Range { get; }

    /// <summary>Whether the frame is at the poll of its function's entry. Found as <see cref="Pc"/> is.</summary>
    public bool IsEntry
    {
        get
        {
            ushort kind = threadedKind;
            if (Range is CompiledFunction compiled) compiled.TryFindSite(address, out kind, out _);
            return kind == (ushort)SiteKind.Entry;
        }
    }

    /// <summary>The bytecode position. Found by a walk through the function's metadata.</summary>
    public int Pc
    {
        get
        {
            if (Range is ThreadedFunction threaded) return threaded.PcOf((byte*)position);
            ((CompiledFunction)Range).TryFindSite(address, out _, out int pc);
            return pc;
        }
    }

    /// <summary>Finds the location that belongs to an address and the rbp of its frame; false if the address isn't in guest code.</summary>
    public static bool TryFind(EmittedTier tier, nint address, nint* framePointer, out CodeLocation location)
    {
        if (tier.Map.Find(address) is CompiledFunction compiled)
        {
            location = new CodeLocation(compiled, address, 0, 0);
            return true;
        }

        location = null!;
        if (!tier.IsThreaded || !tier.Handlers.TryFindSite(address, out ushort kind, out int distance)) return false;
        nint position = framePointer[HandlerEmitter.PcInFrame / sizeof(nint)] + distance;
        // The map finds what starts before an address; a stream's first instruction is a position too.
        if (tier.Map.Find(position + 1) is not ThreadedFunction threaded) return false;
        location = new CodeLocation(threaded, address, position, kind);
        return true;
    }
}
