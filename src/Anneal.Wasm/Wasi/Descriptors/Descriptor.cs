// What a guest's descriptor number stands for. The base class answers every operation with the error that a descriptor which
// doesn't know it gives; files, directories and host streams override what they can do. The functions of WasiPreview1 check
// rights first, then call these.

using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi.Descriptors;

/// <summary>An open descriptor of a guest.</summary>
internal abstract unsafe class Descriptor : IDisposable
{
    protected Descriptor(WasiFileType fileType, WasiRights rights, WasiRights inheriting)
    {
        FileType = fileType;
        Rights = rights;
        Inheriting = inheriting;
    }

    public WasiFileType FileType { get; }

    /// <summary>What this descriptor may be used for.</summary>
    public WasiRights Rights { get; private set; }

    /// <summary>What descriptors opened through this one may at most be used for.</summary>
    public WasiRights Inheriting { get; private set; }

    /// <summary>The flags as the guest set them.</summary>
    public WasiFdFlags Flags { get; protected set; }

    /// <summary>Whether it was reached through a read-only directory.</summary>
    public bool ReadOnly { get; protected init; }

    /// <summary>Which of the guest's standard streams it was at the start; -1 for anything else.</summary>
    public int StandardNumber { get; init; } = -1;

    /// <summary>The host descriptor behind it, if there is one.</summary>
    public virtual SafeFileDescriptor? Handle => null;

    /// <summary>Whether <see cref="Seek"/> and positioned transfers mean something.</summary>
    public virtual bool CanSeek => false;

    /// <summary>
    /// Checks rights. A descriptor that isn't open for reading or writing is a bad one, as in POSIX; any other missing right is
    /// `notcapable`.
    /// </summary>
    public WasiErrno Require(WasiRights needed)
    {
        WasiRights missing = needed & ~Rights;
        if (missing == 0) return WasiErrno.Success;
        return (missing & (WasiRights.FdRead | WasiRights.FdWrite)) != 0 ? WasiErrno.BadDescriptor : WasiErrno.NotCapable;
    }

    /// <summary>Gives up rights; adding one fails.</summary>
    public WasiErrno Narrow(WasiRights rights, WasiRights inheriting)
    {
        if ((rights & ~Rights) != 0 || (inheriting & ~Inheriting) != 0) return WasiErrno.NotCapable;
        Rights = rights;
        Inheriting = inheriting;
        return WasiErrno.Success;
    }

    /// <summary>Sets what the descriptor may be used for, as it was before.</summary>
    public void RestoreRights(WasiRights rights, WasiRights inheriting) => (Rights, Inheriting) = (rights, inheriting);

    public virtual WasiErrno Read(IoVector* vectors, int count, CancellationToken cancellation, out uint transferred)
    {
        transferred = 0;
        return WasiErrno.BadDescriptor;
    }

    public virtual WasiErrno Write(IoVector* vectors, int count, CancellationToken cancellation, out uint transferred)
    {
        transferred = 0;
        return WasiErrno.BadDescriptor;
    }

    public virtual WasiErrno ReadAt(IoVector* vectors, int count, long offset, out uint transferred)
    {
        transferred = 0;
        return WasiErrno.InvalidSeek;
    }

    public virtual WasiErrno WriteAt(IoVector* vectors, int count, long offset, out uint transferred)
    {
        transferred = 0;
        return WasiErrno.InvalidSeek;
    }

    public virtual WasiErrno Seek(long offset, int whence, out ulong position)
    {
        position = 0;
        return WasiErrno.InvalidSeek;
    }

    public virtual WasiErrno SetFlags(WasiFdFlags flags) => WasiErrno.NotSupported;

    public virtual WasiErrno Sync(bool metadata)
    {
        SafeFileDescriptor? handle = Handle;
        if (handle is null) return WasiErrno.Success;
        while ((metadata ? Libc.Sync(handle) : Libc.DataSync(handle)) < 0)
        {
            if (LinuxErrno.Last != LinuxErrno.EINTR) return LinuxErrno.LastAsWasi;
        }
        return WasiErrno.Success;
    }

    public virtual WasiErrno Stat(out Statx attributes)
    {
        attributes = default;
        SafeFileDescriptor? handle = Handle;
        if (handle is null) return WasiErrno.Success; // a host stream: no inode, no size, no times
        Statx result;
        byte empty = 0;
        if (Libc.Stat(handle, &empty, LinuxFlags.AtEmptyPath, Statx.BasicStats, &result) < 0) return LinuxErrno.LastAsWasi;
        attributes = result;
        return WasiErrno.Success;
    }

    public virtual void Dispose() => Handle?.Dispose();
}
