// A directory of the host that path_* functions start from: a preopen, or one that a guest opened beneath a preopen. Paths can't
// leave it, not even a subdirectory towards its own preopen: a descriptor is the authority over what is beneath it.

using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi.Descriptors;

/// <summary>A host directory.</summary>
internal sealed class DirectoryDescriptor : Descriptor
{
    private readonly SafeFileDescriptor handle;
    private readonly Lock reading = new();
    private DirectoryReader? reader;

    public DirectoryDescriptor(
        SafeFileDescriptor handle, WasiRights rights, WasiRights inheriting, WasiFdFlags flags, bool readOnly,
        byte[]? preopenName)
        : base(WasiFileType.Directory, rights & WasiRights.Directory, inheriting & WasiRights.All)
    {
        this.handle = handle;
        Flags = flags;
        ReadOnly = readOnly;
        PreopenName = preopenName;
    }

    public override SafeFileDescriptor Handle => handle;

    /// <summary>The name under which the guest finds it at its start; null for a directory that it opened itself.</summary>
    public byte[]? PreopenName { get; }

    /// <summary>Writes entries from a cookie on (0 is the start) into a guest buffer, the last one perhaps cut off.</summary>
    public WasiErrno ReadEntries(Span<byte> destination, ulong cookie, out uint used)
    {
        lock (reading)
        {
            reader ??= new DirectoryReader(handle);
            return reader.Read(destination, cookie, out used);
        }
    }

    public override WasiErrno SetFlags(WasiFdFlags flags)
    {
        if (((flags ^ Flags) & ~WasiFdFlags.NonBlock) != 0) return WasiErrno.NotSupported;
        Flags = flags;
        return WasiErrno.Success;
    }
}
