// How the call of a guest that was suspended ends. Not a failure: the image in it is the rest of the call.

namespace Anneal.Wasm;

/// <summary>
/// The guest was suspended in the middle of a call: on demand (<see cref="Store.Suspend"/>, <see cref="Store.SuspendOn"/>), or
/// instead of being stopped for good (<see cref="Store.TimeoutBehavior"/>, <see cref="Store.OutOfFuelBehavior"/>). The call goes
/// on from <see cref="Image"/> with <see cref="Store.Resume(StateImage, ReadOnlySpan{Instance})"/>, in this store or another.
/// </summary>
public sealed class GuestSuspendedException : Exception
{
    internal GuestSuspendedException(StateImage image)
        : base(image.Reason switch
        {
            SuspensionReason.Timeout => "the guest was suspended: its time was over",
            SuspensionReason.OutOfFuel => "the guest was suspended: it's out of fuel",
            _ => "the guest was suspended",
        }) => Image = image;

    /// <summary>The state of the guest where it was suspended.</summary>
    public StateImage Image { get; }

    /// <summary>Why it was suspended.</summary>
    public SuspensionReason Reason => Image.Reason;
}
