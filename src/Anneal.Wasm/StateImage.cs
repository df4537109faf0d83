// A suspended guest as a value: its frames, and all state that it can reach. Made by ImageCapture from a store, put into the same
// or another one by ImageRestoration. Holds nothing of an engine or a store but hints about where it came from, and host objects.

using Anneal.Wasm.Suspension;

namespace Anneal.Wasm;

/// <summary>
/// A guest that was suspended in the middle of a call: the frames of the call, with memories, tables, globals and segments of the
/// instances that they belong to and of all that these reach, and the WASI descriptors. Immutable; can be resumed any number of
/// times with <see cref="Store.Resume(StateImage, ReadOnlySpan{Instance})"/>, each time with the answer that the call would have given.
/// </summary>
/// <remarks>
/// Function references are carried as the instance and number of their function, host functions as the import that they stand
/// for. Host objects (externref) are carried as they are. What has no form outside its store is carried too, but can be
/// resumed only there: host functions that no instance imports, descriptors of pipes and sockets, files that have been deleted or
/// can't be reached from a preopened directory. What belongs to the host isn't part of the image: the position of its streams, the
/// contents of files, what its own functions remember.
/// </remarks>
public sealed class StateImage
{
    /// <summary>The version of the images that this engine makes and resumes.</summary>
    public const int CurrentVersion = 1;

    private GuestFrame[]? frames;

    internal StateImage()
    {
    }

    /// <summary>The version of the form that the state is in: how functions are lowered and what is carried.</summary>
    public int Version { get; internal init; } = CurrentVersion;

    /// <summary>Why the guest was suspended.</summary>
    public SuspensionReason Reason { get; internal init; }

    /// <summary>
    /// The fuel that was left in its store; null if guests weren't metered. Resuming doesn't set it: the guest goes on with what
    /// the store has then. Negative if a host function has used more than there was.
    /// </summary>
    public long? Fuel { get; internal init; }

    /// <summary>The guest's call stack, innermost frame first.</summary>
    public IReadOnlyList<GuestFrame> Frames => frames ??= [.. Stack.Select(frame => frame.Where)];

    /// <summary>
    /// The SHA-256 of the module of each instance that the image has, in hexadecimal: what instances
    /// <see cref="Store.Resume(StateImage, ReadOnlySpan{Instance})"/> needs, in which order. The first is that of the innermost frame.
    /// </summary>
    public IReadOnlyList<string> Modules => [.. Instances.Select(instance => Convert.ToHexStringLower(instance.ModuleHash))];

    /// <summary>The bytes of guest memory that the image holds; pages of zeros count nothing.</summary>
    public long MemoryBytes => Memories.Sum(memory => memory.HeldBytes);

    /// <summary>The frames, innermost first.</summary>
    internal FrameImage[] Stack { get; init; } = [];

    internal InstanceImage[] Instances { get; init; } = [];

    internal MemoryImage[] Memories { get; init; } = [];

    internal TableImage[] Tables { get; init; } = [];

    internal GlobalImage[] Globals { get; init; } = [];

    internal WasiImage[] Wasi { get; init; } = [];

    /// <summary>The image as text for a person: frames with the values of their slots, instances with their globals, sizes. Long lists are cut.</summary>
    public override string ToString() => ImageText.Of(this);
}
