// Walks the frames of guest code along the frame-pointer chain. All frames between an Enter stub and the place where guest
// code called out have the same layout; the walk ends at the first return address that no compiled function holds, which
// is the Enter stub's.

namespace Anneal.Runtime;

/// <summary>Finds the guest frames of the innermost entry.</summary>
internal static unsafe class StackWalker
{
    /// <summary>The frames from an address in guest code outwards. Of a very deep stack only both ends are shown.</summary>
    /// <param name="map">Finds functions by address.</param>
    /// <param name="address">The faulting instruction, or a return address into guest code.</param>
    /// <param name="framePointer">rbp of the frame that the address belongs to.</param>
    public static List<GuestFrame> Walk(CodeMap map, nint address, nint* framePointer)
    {
        var frames = new List<GuestFrame>();
        var outer = new Queue<(CompiledFunction Function, int Pc)>();
        while (map.Find(address) is { } function)
        {
            function.TryFindSite(address, out _, out int pc);
            if (frames.Count < BacktraceLimits.End)
            {
                frames.Add(FrameOf(function, pc));
            }
            else
            {
                if (outer.Count == BacktraceLimits.End) outer.Dequeue();
                outer.Enqueue((function, pc));
            }

            address = framePointer[1];
            framePointer = (nint*)framePointer[0];
        }

        foreach ((CompiledFunction function, int pc) in outer) frames.Add(FrameOf(function, pc));
        return frames;
    }

    private static GuestFrame FrameOf(CompiledFunction function, int pc) =>
        function.Unit?.FrameAt(function.Function, pc) ?? new GuestFrame(function.Function, null, null, -1);

    /// <summary>The frames that called out through a stub, given the stub's own frame.</summary>
    public static List<GuestFrame> WalkFromStub(CodeMap map, nint* stubFrame) => Walk(map, stubFrame[1], (nint*)stubFrame[0]);
}
