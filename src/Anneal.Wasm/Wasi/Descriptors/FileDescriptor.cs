// A regular file, device, pipe or socket of the host, by its descriptor. Regular files are read and written directly. Others can
// block: then the wait happens in poll(2) beside a wake signal, so that cancellation ends it at once, and the transfer itself
// moves only what is ready. Files that a guest opened are non-blocking on the host's side whatever the guest asked for; inherited
// standard streams are left as they are, since other processes share them.

using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi.Descriptors;

/// <summary>A host file that isn't a directory.</summary>
internal sealed unsafe class FileDescriptor : Descriptor
{
    private const WasiFdFlags Synchronized = WasiFdFlags.DSync | WasiFdFlags.RSync | WasiFdFlags.Sync;

    // The most that a transfer that can be cancelled moves at a time.
    private const uint Piece = 4 << 20;

    private readonly SafeFileDescriptor handle;
    private readonly bool inherited;

    private FileDescriptor(
        SafeFileDescriptor handle, WasiFileType type, WasiRights rights, WasiFdFlags flags, bool readOnly, bool inherited)
        : base(type, rights, WasiRights.None)
    {
        this.handle = handle;
        this.inherited = inherited;
        Flags = flags;
        ReadOnly = readOnly;
    }

    public override SafeFileDescriptor Handle => handle;

    public override bool CanSeek => FileType is WasiFileType.RegularFile or WasiFileType.BlockDevice;

    /// <summary>Whether a transfer may have to wait for someone else.</summary>
    public bool MayBlock => !CanSeek;

    /// <summary>Wraps a file that path_open opened.</summary>
    public static FileDescriptor Opened(
        SafeFileDescriptor handle, WasiFileType type, WasiRights rights, WasiFdFlags flags, bool readOnly) =>
        new(handle, type, rights & (CanSeekType(type) ? WasiRights.File : WasiRights.Stream), flags, readOnly, inherited: false);

    /// <summary>Wraps one of the process's own standard streams; null if the process has it closed.</summary>
    /// <param name="number">0, 1 or 2.</param>
    /// <param name="access">Whether it is for reading or for writing.</param>
    public static FileDescriptor? Standard(int number, WasiRights access)
    {
        var handle = new SafeFileDescriptor(number, ownsHandle: false);
        Statx attributes;
        byte empty = 0;
        if (Libc.Stat(handle, &empty, LinuxFlags.AtEmptyPath, Statx.BasicStats, &attributes) < 0) return null;
        WasiFileType type = attributes.FileType;
        if (type == WasiFileType.Directory) return null;
        WasiRights rights = CanSeekType(type) ? WasiRights.File : WasiRights.Stream;
        if (type == WasiFileType.CharacterDevice && Libc.IsTerminal(handle) == 0)
        {
            // C libraries take a character device that can't seek for a terminal; /dev/null isn't one.
            rights |= WasiRights.FdSeek | WasiRights.FdTell;
        }
        rights &= ~((WasiRights.FdRead | WasiRights.FdWrite) & ~access);
        int hostFlags = Libc.Control(handle, LinuxFlags.GetFlags, 0);
        WasiFdFlags flags = hostFlags >= 0 && (hostFlags & LinuxFlags.Append) != 0 ? WasiFdFlags.Append : WasiFdFlags.None;
        return new FileDescriptor(handle, type, rights, flags, readOnly: false, inherited: true);
    }

    public override WasiErrno Read(IoVector* vectors, int count, CancellationToken cancellation, out uint transferred)
    {
        transferred = 0;
        if (IsLong(vectors, count, cancellation)) return MoveInPieces(vectors, count, writes: false, cancellation, out transferred);
        while (true)
        {
            if (MustWait(cancellation))
            {
                WasiErrno ready = BecomeReady(PollDescriptor.In, cancellation);
                if (ready != WasiErrno.Success) return ready;
            }
            nint moved = count == 1
                ? Libc.Read(handle, vectors->Start, vectors->Length)
                : Libc.ReadVector(handle, vectors, count);
            if (moved >= 0)
            {
                transferred = (uint)moved;
                return WasiErrno.Success;
            }
            WasiErrno error = AfterFailure(PollDescriptor.In, cancellation);
            if (error != WasiErrno.Success) return error;
        }
    }

    public override WasiErrno Write(IoVector* vectors, int count, CancellationToken cancellation, out uint transferred)
    {
        transferred = 0;
        if (MustWait(cancellation)) return WriteInChunks(vectors, count, cancellation, out transferred);
        if (IsLong(vectors, count, cancellation)) return MoveInPieces(vectors, count, writes: true, cancellation, out transferred);
        while (true)
        {
            nint moved = count == 1
                ? Libc.Write(handle, vectors->Start, vectors->Length)
                : Libc.WriteVector(handle, vectors, count);
            if (moved >= 0)
            {
                transferred = (uint)moved;
                return WasiErrno.Success;
            }
            WasiErrno error = AfterFailure(PollDescriptor.Out, cancellation);
            if (error != WasiErrno.Success) return error;
        }
    }

    public override WasiErrno ReadAt(IoVector* vectors, int count, long offset, out uint transferred)
    {
        transferred = 0;
        nint moved;
        do
        {
            moved = Libc.ReadVectorAt(handle, vectors, count, offset);
        }
        while (moved < 0 && LinuxErrno.Last == LinuxErrno.EINTR);
        if (moved < 0) return LinuxErrno.LastAsWasi;
        transferred = (uint)moved;
        return WasiErrno.Success;
    }

    public override WasiErrno WriteAt(IoVector* vectors, int count, long offset, out uint transferred)
    {
        transferred = 0;
        nint moved;
        do
        {
            moved = Libc.WriteVectorAt(handle, vectors, count, offset);
        }
        while (moved < 0 && LinuxErrno.Last == LinuxErrno.EINTR);
        if (moved < 0) return LinuxErrno.LastAsWasi;
        transferred = (uint)moved;
        return WasiErrno.Success;
    }

    public override WasiErrno Seek(long offset, int whence, out ulong position)
    {
        long result = Libc.Seek(handle, offset, whence);
        position = result < 0 ? 0 : (ulong)result;
        return result < 0 ? LinuxErrno.LastAsWasi : WasiErrno.Success;
    }

    /// <summary>Changes append and non-block; the synchronizing flags are fixed when a file is opened.</summary>
    public override WasiErrno SetFlags(WasiFdFlags flags)
    {
        WasiFdFlags changed = flags ^ Flags;
        if ((changed & Synchronized) != 0) return WasiErrno.NotSupported;
        if ((changed & WasiFdFlags.Append) != 0)
        {
            // An inherited stream's open file description belongs to others too: its mode isn't the guest's to change.
            if (inherited) return WasiErrno.NotSupported;
            int host = Libc.Control(handle, LinuxFlags.GetFlags, 0);
            if (host < 0) return LinuxErrno.LastAsWasi;
            int wanted = (flags & WasiFdFlags.Append) != 0 ? host | LinuxFlags.Append : host & ~LinuxFlags.Append;
            if (Libc.Control(handle, LinuxFlags.SetFlags, wanted) < 0) return LinuxErrno.LastAsWasi;
        }
        Flags = flags;
        return WasiErrno.Success;
    }

    private static bool CanSeekType(WasiFileType type) => type is WasiFileType.RegularFile or WasiFileType.BlockDevice;

    private bool IsNonBlocking => (Flags & WasiFdFlags.NonBlock) != 0;

    // A call that nobody can cancel may as well block in the kernel.
    private bool MustWait(CancellationToken cancellation) => MayBlock && (cancellation.CanBeCanceled || IsNonBlocking);

    // A transfer from or to a regular file isn't waited for, but gigabytes of it take a while too.
    private bool IsLong(IoVector* vectors, int count, CancellationToken cancellation)
    {
        if (MayBlock || !cancellation.CanBeCanceled) return false;
        nuint total = 0;
        for (int i = 0; i < count; i++) total += vectors[i].Length;
        return total > Piece;
    }

    private WasiErrno MoveInPieces(IoVector* vectors, int count, bool writes, CancellationToken cancellation, out uint transferred)
    {
        transferred = 0;
        for (int i = 0; i < count; i++)
        {
            for (nuint done = 0; done < vectors[i].Length;)
            {
                cancellation.ThrowIfCancellationRequested();
                nuint size = nuint.Min(vectors[i].Length - done, Piece);
                byte* start = vectors[i].Start + done;
                nint moved = writes ? Libc.Write(handle, start, size) : Libc.Read(handle, start, size);
                if (moved < 0)
                {
                    if (LinuxErrno.Last == LinuxErrno.EINTR) continue;
                    return transferred > 0 ? WasiErrno.Success : LinuxErrno.LastAsWasi;
                }

                done += (nuint)moved;
                transferred += (uint)moved;
                // The end of the file, or of the disk: the guest's next call will tell.
                if ((nuint)moved < size) return WasiErrno.Success;
            }
        }

        return WasiErrno.Success;
    }

    private WasiErrno BecomeReady(short events, CancellationToken cancellation)
    {
        PollDescriptor poll;
        WasiErrno error = Waiting.Ready(handle, events, out bool ready, &poll);
        if (error != WasiErrno.Success || ready) return error;
        if (IsNonBlocking) return WasiErrno.Again;
        return Waiting.WaitFor(handle, events, cancellation);
    }

    // Decides what a failed transfer means: Success to try again, else the error to report.
    private WasiErrno AfterFailure(short events, CancellationToken cancellation)
    {
        int error = LinuxErrno.Last;
        if (error == LinuxErrno.EINTR)
        {
            cancellation.ThrowIfCancellationRequested();
            return WasiErrno.Success;
        }
        if (error == LinuxErrno.EAGAIN && MayBlock && !IsNonBlocking) return Waiting.WaitFor(handle, events, cancellation);
        return LinuxErrno.ToWasi(error);
    }

    // A blocking pipe that polls as writable takes PIPE_BUF bytes at once; more could block where cancellation can't reach.
    private WasiErrno WriteInChunks(IoVector* vectors, int count, CancellationToken cancellation, out uint transferred)
    {
        transferred = 0;
        for (int i = 0; i < count; i++)
        {
            nuint done = 0;
            while (done < vectors[i].Length)
            {
                WasiErrno error = BecomeReady(PollDescriptor.Out, cancellation);
                if (error == WasiErrno.Success)
                {
                    nuint size = nuint.Min(vectors[i].Length - done, LinuxFlags.PipeChunk);
                    nint moved = Libc.Write(handle, vectors[i].Start + done, size);
                    if (moved >= 0)
                    {
                        done += (nuint)moved;
                        transferred += (uint)moved;
                        continue;
                    }
                    error = AfterFailure(PollDescriptor.Out, cancellation);
                    if (error == WasiErrno.Success) continue;
                }
                // What was moved so far is reported; the error will come back with the guest's next call.
                return transferred > 0 ? WasiErrno.Success : error;
            }
        }
        return WasiErrno.Success;
    }
}
