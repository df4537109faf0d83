using Anneal.Wasm.Wasi;
using Anneal.Wasm.Wasi.Descriptors;

namespace Anneal.Wasm.Suspension;

/// <summary>The descriptors of a suspended guest, by number; null for one that isn't open.</summary>
internal sealed record WasiImage(DescriptorImage?[] Descriptors);

/// <summary>How a descriptor is found again.</summary>
internal enum DescriptorKind
{
    /// <summary>One of the standard streams.</summary>
    Standard,

    /// <summary>A directory that the guest found opened, by the guest's name for it.</summary>
    Preopen,

    /// <summary>A file beneath such a directory, by its path there.</summary>
    File,

    /// <summary>A directory beneath such a directory.</summary>
    Directory,

    /// <summary>Nothing that could be opened again: it stays where it is.</summary>
    Fixed,
}

/// <summary>A descriptor of a suspended guest.</summary>
internal sealed record DescriptorImage
{
    public required DescriptorKind Kind { get; init; }

    /// <summary>The standard stream's number, or how many preopens of the same name come before it.</summary>
    public int Number { get; init; }

    /// <summary>The guest's name of the preopen that it is, or is beneath.</summary>
    public byte[] Preopen { get; init; } = [];

    /// <summary>The path beneath it.</summary>
    public byte[] Path { get; init; } = [];

    public WasiRights Rights { get; init; }

    public WasiRights Inheriting { get; init; }

    public WasiFdFlags Flags { get; init; }

    /// <summary>The position, of a file.</summary>
    public long Offset { get; init; }

    /// <summary>What has been read from a host's stream ahead of the guest; null if it isn't known yet.</summary>
    public byte[]? ReadAhead { get; init; }

    /// <summary>Whether that stream has ended there.</summary>
    public bool Ended { get; init; }

    /// <summary>Why it can't be opened anywhere else; null if it can.</summary>
    public string? Refusal { get; init; }

    /// <summary>The descriptor that it was: where that is still open, it's kept.</summary>
    public WeakReference<Descriptor>? Origin { get; init; }
}
