// One subscription of a poll_oneoff call, copied from guest memory, and what became of it.

using Anneal.Wasm.Wasi.Descriptors;

namespace Anneal.Wasm.Wasi;

/// <summary>What a guest waits for.</summary>
internal struct PollSubscription
{
    /// <summary>The guest's own mark, returned with the event.</summary>
    public ulong UserData;

    public WasiEventType Type;

    /// <summary>For a clock: when it is due, on the monotonic clock.</summary>
    public ulong Due;

    /// <summary>What a read or write subscription is about.</summary>
    public Descriptor? Descriptor;

    /// <summary>Whether it stands in the poll set, with its handle referenced.</summary>
    public bool IsPolled;

    /// <summary>Whether there is an event to report.</summary>
    public bool IsReady;

    public WasiErrno Error;

    /// <summary>How many bytes can be read at once, where that is known.</summary>
    public ulong Bytes;

    public bool HungUp;

    public void Complete(WasiErrno error)
    {
        IsReady = true;
        Error = error;
    }
}
