// fd_read, fd_write, fd_pread, fd_pwrite, and sock_*. The paths that guests take most: no allocation, one system call.

using System.Runtime.CompilerServices;
using Anneal.Wasm.Wasi.Descriptors;
using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi;

internal sealed unsafe partial class WasiPreview1
{
    public WasiErrno FdRead(
        in GuestMemory memory, uint fd, uint vectors, uint count, uint result, CancellationToken cancellation) =>
        Transfer(memory, fd, vectors, count, result, WasiRights.FdRead, cancellation);

    public WasiErrno FdWrite(
        in GuestMemory memory, uint fd, uint vectors, uint count, uint result, CancellationToken cancellation) =>
        Transfer(memory, fd, vectors, count, result, WasiRights.FdWrite, cancellation);

    public WasiErrno FdPRead(in GuestMemory memory, uint fd, uint vectors, uint count, ulong offset, uint result) =>
        TransferAt(memory, fd, vectors, count, offset, result, WasiRights.FdRead);

    public WasiErrno FdPWrite(in GuestMemory memory, uint fd, uint vectors, uint count, ulong offset, uint result) =>
        TransferAt(memory, fd, vectors, count, offset, result, WasiRights.FdWrite);

    // Preview 1 can't create sockets; only an inherited standard stream can be one, and it is used with fd_read and fd_write.
    public WasiErrno SocketOperation(uint fd)
    {
        Descriptor? descriptor = descriptors.Find(fd);
        if (descriptor is null) return WasiErrno.BadDescriptor;
        return descriptor.FileType is WasiFileType.SocketDatagram or WasiFileType.SocketStream
            ? WasiErrno.NotSupported
            : WasiErrno.NotSocket;
    }

    [SkipLocalsInit]
    private WasiErrno Transfer(
        in GuestMemory memory, uint fd, uint vectors, uint count, uint result, WasiRights direction,
        CancellationToken cancellation)
    {
        WasiErrno error = FindForTransfer(fd, direction, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        error = descriptor.Require(direction);
        if (error != WasiErrno.Success) return error;
        // Where the result goes is checked first: bytes must not be moved that the guest then doesn't hear of.
        _ = memory.Pointer(result, 4);
        IoVector* host = stackalloc IoVector[(int)Math.Min(count, LinuxFlags.MaximumVectors)];
        error = Gather(memory, vectors, count, host, out int used);
        if (error != WasiErrno.Success) return error;
        if (used == 0)
        {
            memory.WriteUInt32(result, 0);
            return WasiErrno.Success;
        }
        error = direction == WasiRights.FdRead
            ? descriptor.Read(host, used, cancellation, out uint transferred)
            : descriptor.Write(host, used, cancellation, out transferred);
        if (error == WasiErrno.Success) memory.WriteUInt32(result, transferred);
        return error;
    }

    [SkipLocalsInit]
    private WasiErrno TransferAt(
        in GuestMemory memory, uint fd, uint vectors, uint count, ulong offset, uint result, WasiRights direction)
    {
        WasiErrno error = FindForTransfer(fd, direction, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        if (!descriptor.CanSeek) return WasiErrno.InvalidSeek;
        error = descriptor.Require(direction | WasiRights.FdSeek);
        if (error != WasiErrno.Success) return error;
        if (offset > long.MaxValue) return WasiErrno.Invalid;
        _ = memory.Pointer(result, 4);
        IoVector* host = stackalloc IoVector[(int)Math.Min(count, LinuxFlags.MaximumVectors)];
        error = Gather(memory, vectors, count, host, out int used);
        if (error != WasiErrno.Success) return error;
        if (used == 0)
        {
            memory.WriteUInt32(result, 0);
            return WasiErrno.Success;
        }
        error = direction == WasiRights.FdRead
            ? descriptor.ReadAt(host, used, (long)offset, out uint transferred)
            : descriptor.WriteAt(host, used, (long)offset, out transferred);
        if (error == WasiErrno.Success) memory.WriteUInt32(result, transferred);
        return error;
    }

    private WasiErrno FindForTransfer(uint fd, WasiRights direction, out Descriptor descriptor)
    {
        WasiErrno error = Find(fd, WasiRights.None, out descriptor);
        if (error != WasiErrno.Success || descriptor is not DirectoryDescriptor) return error;
        return direction == WasiRights.FdRead ? WasiErrno.IsDirectory : WasiErrno.BadDescriptor;
    }

    // Turns guest vectors into host ones. A transfer may be short, so what goes beyond the host's limit of vectors is left for
    // the guest's next call; but what is looked at must be right, and its sum must fit the 32-bit result.
    private static WasiErrno Gather(in GuestMemory memory, uint vectors, uint count, IoVector* host, out int used)
    {
        used = 0;
        ulong total = 0;
        _ = memory.Pointer(vectors, (ulong)count * WasiLayout.IoVector);
        uint limit = Math.Min(count, LinuxFlags.MaximumVectors);
        for (uint i = 0; i < limit; i++)
        {
            uint address = memory.ReadUInt32(vectors + i * WasiLayout.IoVector);
            uint size = memory.ReadUInt32(vectors + i * WasiLayout.IoVector + 4);
            // Languages give empty buffers made-up addresses.
            if (size == 0) continue;
            total += size;
            if (total > uint.MaxValue) return WasiErrno.Invalid;
            host[used].Start = memory.Pointer(address, size);
            host[used].Length = size;
            used++;
        }
        return WasiErrno.Success;
    }
}
