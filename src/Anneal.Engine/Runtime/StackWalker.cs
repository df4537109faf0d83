// Walks the frames of guest code along the frame-pointer chain. All frames between an Enter stub and the place where guest
// code called out have the same layout; the walk ends at the first return address that no compiled function holds, which
// is the Enter stub's.

namespace Anneal.Runtime;

/// <summary>Finds the guest frames of the innermost entry.</summary>
internal static unsafe class StackWalker
{
    /// <summary>The frames from an address in guest code outwards; of a deep stack the innermost and the outermost.</summary>
    /// <param name="map">Finds functions by address.</param>
    /// <param name="address">The faulting instruction, or a return address into guest code.</param>
    /// <param name="framePointer">rbp of the frame that the address belongs to.</param>
    public static List<GuestFrame> Walk(CodeMap map, nint address, nint* framePointer)
    {
        var frames = new List<GuestFrame>();
        var outer = new Queue<(CompiledFunction Function, nint Address)>();
        while (map.Find(address) is { } function)
        {
            if (frames.Count < IGuestStop.FramesAtEnd)
            {
                frames.Add(FrameOf(function, address));
            }
            else
            {
                if (outer.Count == IGuestStop.FramesAtEnd) outer.Dequeue();
                outer.Enqueue((function, address));
            }

            address = framePointer[1];
            framePointer = (nint*)framePointer[0];
        }

        foreach ((CompiledFunction function, nint place) in outer) frames.Add(FrameOf(function, place));
        return frames;
    }

    // Looking a site up takes time of the function's length, so it's done only for frames that are shown.
    private static GuestFrame FrameOf(CompiledFunction function, nint address)
    {
        function.TryFindSite(address, out _, out int pc);
        return function.Unit?.FrameAt(function.Function, pc) ?? new GuestFrame(function.Function, null, null, -1);
    }

    /// <summary>The frames that called out through a stub, given the stub's own frame.</summary>
    public static List<GuestFrame> WalkFromStub(CodeMap map, nint* stubFrame) => Walk(map, stubFrame[1], (nint*)stubFrame[0]);
}
