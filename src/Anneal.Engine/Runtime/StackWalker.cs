// Walks the frames of guest code along the frame-pointer chain. All frames between an Enter stub and the place where guest
// code called out have the same layout; the walk ends at the first return address that is neither in a compiled function nor
// in a handler of the threaded interpreter, which is the Enter stub's.

namespace Anneal.Runtime;

/// <summary>Finds the guest frames of the innermost entry.</summary>
internal static unsafe class StackWalker
{
    /// <summary>The frames from an address in guest code outwards; of a deep stack the innermost and the outermost.</summary>
    /// <param name="tier">Finds functions by address.</param>
    /// <param name="address">The faulting instruction, or a return address into guest code.</param>
    /// <param name="framePointer">rbp of the frame that the address belongs to.</param>
    public static List<GuestFrame> Walk(EmittedTier tier, nint address, nint* framePointer)
    {
        var frames = new List<GuestFrame>();
        Queue<CodeLocation>? outer = null;
        while (CodeLocation.TryFind(tier, address, framePointer, out CodeLocation location))
        {
            if (frames.Count < IGuestStop.FramesAtEnd)
            {
                frames.Add(FrameAt(location));
            }
            else
            {
                outer ??= new Queue<CodeLocation>();
                if (outer.Count == IGuestStop.FramesAtEnd) outer.Dequeue();
                outer.Enqueue(location);
            }

            address = framePointer[1];
            framePointer = (nint*)framePointer[0];
        }

        if (outer is null) return frames;
        foreach (CodeLocation location in outer) frames.Add(FrameAt(location));
        return frames;
    }

    // Looking a position up takes time of the function's length, so it's done only for frames that are shown.
    private static GuestFrame FrameAt(CodeLocation location) =>
        location.Range.Unit?.FrameAt(location.Range.Function, location.Pc) ?? new GuestFrame(location.Range.Function, null, null, -1);

    /// <summary>The frames that called out through a stub, given the stub's own frame.</summary>
    public static List<GuestFrame> WalkFromStub(EmittedTier tier, nint* stubFrame) => Walk(tier, stubFrame[1], (nint*)stubFrame[0]);
}
