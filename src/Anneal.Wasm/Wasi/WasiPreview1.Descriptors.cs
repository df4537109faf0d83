// The fd_* functions about descriptors themselves and about what they stand for; transfers have their own file.

using System.Runtime.CompilerServices;
using Anneal.Wasm.Wasi.Descriptors;
using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi;

internal sealed unsafe partial class WasiPreview1
{
    public WasiErrno FdAdvise(uint fd, ulong offset, ulong length, uint advice)
    {
        WasiErrno error = Find(fd, WasiRights.FdAdvise, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        if (offset > long.MaxValue || length > long.MaxValue) return WasiErrno.Invalid;
        // WASI and Linux order two of the six kinds of advice differently.
        int host = advice switch { 0 => 0, 1 => 2, 2 => 1, 3 => 3, 4 => 4, 5 => 5, _ => -1 };
        if (host < 0) return WasiErrno.Invalid;
        if (descriptor.Handle is null || descriptor is DirectoryDescriptor) return WasiErrno.BadDescriptor;
        return LinuxErrno.ToWasi(Libc.Advise(descriptor.Handle, (long)offset, (long)length, host));
    }

    public WasiErrno FdAllocate(uint fd, ulong offset, ulong length)
    {
        WasiErrno error = Find(fd, WasiRights.FdAllocate, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        if (descriptor.ReadOnly) return WasiErrno.ReadOnlyFileSystem;
        if (!descriptor.CanSeek) return WasiErrno.InvalidSeek;
        if (length == 0 || offset > long.MaxValue || length > long.MaxValue) return WasiErrno.Invalid;
        // Where the file system can't, this says so; writing zeros instead could take a hostile guest's terabytes of time.
        while (Libc.Allocate(descriptor.Handle!, 0, (long)offset, (long)length) < 0)
        {
            if (LinuxErrno.Last != LinuxErrno.EINTR) return LinuxErrno.LastAsWasi;
        }
        return WasiErrno.Success;
    }

    public WasiErrno FdClose(uint fd) => descriptors.Close(fd);

    public WasiErrno FdSync(uint fd, WasiRights right)
    {
        WasiErrno error = Find(fd, right, out Descriptor descriptor);
        return error != WasiErrno.Success ? error : descriptor.Sync(metadata: right == WasiRights.FdSync);
    }

    public WasiErrno FdFdStatGet(in GuestMemory memory, uint fd, uint result)
    {
        WasiErrno error = Find(fd, WasiRights.None, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        memory.Slice(result, WasiLayout.FdStat).Clear();
        memory.WriteUInt8(result, (byte)descriptor.FileType);
        memory.WriteUInt16(result + 2, (ushort)descriptor.Flags);
        memory.WriteUInt64(result + 8, (ulong)descriptor.Rights);
        memory.WriteUInt64(result + 16, (ulong)descriptor.Inheriting);
        return WasiErrno.Success;
    }

    public WasiErrno FdFdStatSetFlags(uint fd, uint flags)
    {
        WasiErrno error = Find(fd, WasiRights.FdFdStatSetFlags, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        if ((flags & ~(uint)WasiFdFlags.All) != 0) return WasiErrno.Invalid;
        return descriptor.SetFlags((WasiFdFlags)flags);
    }

    public WasiErrno FdFdStatSetRights(uint fd, ulong rights, ulong inheriting)
    {
        WasiErrno error = Find(fd, WasiRights.None, out Descriptor descriptor);
        return error != WasiErrno.Success ? error : descriptor.Narrow((WasiRights)rights, (WasiRights)inheriting);
    }

    public WasiErrno FdFileStatGet(in GuestMemory memory, uint fd, uint result)
    {
        WasiErrno error = Find(fd, WasiRights.FdFileStatGet, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        error = descriptor.Stat(out Statx attributes);
        if (error != WasiErrno.Success) return error;
        WriteFileStat(memory, result, attributes, descriptor.FileType);
        return WasiErrno.Success;
    }

    public WasiErrno FdFileStatSetSize(uint fd, ulong size)
    {
        WasiErrno error = Find(fd, WasiRights.FdFileStatSetSize, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        if (descriptor.ReadOnly) return WasiErrno.ReadOnlyFileSystem;
        if (!descriptor.CanSeek || size > long.MaxValue) return WasiErrno.Invalid;
        while (Libc.SetLength(descriptor.Handle!, (long)size) < 0)
        {
            if (LinuxErrno.Last != LinuxErrno.EINTR) return LinuxErrno.LastAsWasi;
        }
        return WasiErrno.Success;
    }

    public WasiErrno FdFileStatSetTimes(uint fd, ulong access, ulong modification, uint flags)
    {
        WasiErrno error = Find(fd, WasiRights.FdFileStatSetTimes, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        if (descriptor.ReadOnly) return WasiErrno.ReadOnlyFileSystem;
        if (descriptor.Handle is null) return WasiErrno.BadDescriptor;
        TimeSpec* times = stackalloc TimeSpec[2];
        error = ToTimes(access, modification, flags, times);
        if (error != WasiErrno.Success) return error;
        return Libc.SetTimes(descriptor.Handle, times) < 0 ? LinuxErrno.LastAsWasi : WasiErrno.Success;
    }

    public WasiErrno FdPreStatGet(in GuestMemory memory, uint fd, uint result)
    {
        if (descriptors.Find(fd) is not DirectoryDescriptor { PreopenName: { } name }) return WasiErrno.BadDescriptor;
        memory.WriteUInt64(result, (ulong)name.Length << 32); // tag 0: a directory
        return WasiErrno.Success;
    }

    public WasiErrno FdPreStatDirName(in GuestMemory memory, uint fd, uint buffer, uint size)
    {
        if (descriptors.Find(fd) is not DirectoryDescriptor { PreopenName: { } name }) return WasiErrno.BadDescriptor;
        if (size < (uint)name.Length) return WasiErrno.NameTooLong;
        name.CopyTo(memory.Slice(buffer, (uint)name.Length));
        return WasiErrno.Success;
    }

    public WasiErrno FdReadDir(in GuestMemory memory, uint fd, uint buffer, uint size, ulong cookie, uint result)
    {
        WasiErrno error = FindDirectory(fd, WasiRights.FdReadDir, out DirectoryDescriptor directory);
        if (error != WasiErrno.Success) return error;
        _ = memory.Pointer(result, 4);
        byte* start = memory.Pointer(buffer, size);
        // A buffer is filled by the entries of one directory; more than this at once serves nobody.
        Span<byte> destination = new(start, (int)Math.Min(size, int.MaxValue));
        error = directory.ReadEntries(destination, cookie, out uint used);
        if (error == WasiErrno.Success) memory.WriteUInt32(result, used);
        return error;
    }

    public WasiErrno FdRenumber(uint from, uint to) => descriptors.Renumber(from, to);

    public WasiErrno FdSeek(in GuestMemory memory, uint fd, ulong offset, uint whence, uint result)
    {
        WasiErrno error = Find(fd, WasiRights.None, out Descriptor descriptor);
        if (error != WasiErrno.Success) return error;
        if (descriptor is DirectoryDescriptor) return WasiErrno.BadDescriptor;
        bool asks = whence == 1 && offset == 0;
        error = descriptor.Require(asks ? WasiRights.FdTell : WasiRights.FdSeek);
        if (error != WasiErrno.Success) return descriptor.CanSeek ? error : WasiErrno.InvalidSeek;
        if (whence > 2) return WasiErrno.Invalid;
        _ = memory.Pointer(result, 8);
        error = descriptor.Seek((long)offset, (int)whence, out ulong position);
        if (error == WasiErrno.Success) memory.WriteUInt64(result, position);
        return error;
    }

    public WasiErrno FdTell(in GuestMemory memory, uint fd, uint result) => FdSeek(memory, fd, 0, 1, result);

    // The attributes of a file as `filestat`.
    [SkipLocalsInit]
    private static void WriteFileStat(in GuestMemory memory, uint result, in Statx attributes, WasiFileType type)
    {
        memory.Slice(result, WasiLayout.FileStat).Clear();
        memory.WriteUInt64(result, ((ulong)attributes.DeviceMajor << 32) | attributes.DeviceMinor);
        memory.WriteUInt64(result + 8, attributes.Inode);
        memory.WriteUInt8(result + 16, (byte)type);
        memory.WriteUInt64(result + 24, attributes.LinkCount);
        memory.WriteUInt64(result + 32, attributes.Size);
        memory.WriteUInt64(result + 40, attributes.AccessTime.ToNanoseconds());
        memory.WriteUInt64(result + 48, attributes.ModificationTime.ToNanoseconds());
        memory.WriteUInt64(result + 56, attributes.ChangeTime.ToNanoseconds());
    }

    // What to set the two times to, for utimensat; a time can't be both given and now.
    private WasiErrno ToTimes(ulong access, ulong modification, uint flags, TimeSpec* times)
    {
        const uint BothAccess = (uint)(WasiTimeFlags.Access | WasiTimeFlags.AccessNow);
        const uint BothModification = (uint)(WasiTimeFlags.Modification | WasiTimeFlags.ModificationNow);
        if ((flags & ~(uint)WasiTimeFlags.All) != 0) return WasiErrno.Invalid;
        if ((flags & BothAccess) == BothAccess || (flags & BothModification) == BothModification) return WasiErrno.Invalid;
        var which = (WasiTimeFlags)flags;
        WasiErrno error = ToTime(
            (which & WasiTimeFlags.Access) != 0, (which & WasiTimeFlags.AccessNow) != 0, access, out times[0]);
        if (error != WasiErrno.Success) return error;
        return ToTime(
            (which & WasiTimeFlags.Modification) != 0, (which & WasiTimeFlags.ModificationNow) != 0, modification, out times[1]);
    }

    private WasiErrno ToTime(bool given, bool now, ulong nanoseconds, out TimeSpec time)
    {
        time = new TimeSpec { Nanoseconds = now ? LinuxFlags.TimeNow : LinuxFlags.TimeOmit };
        if (now && clocks.Provider is not null)
        {
            // The guest's realtime clock is the host's TimeProvider, so that is what `now` means to it.
            WasiErrno error = clocks.Time(WasiClock.Realtime, out nanoseconds);
            if (error != WasiErrno.Success) return error;
            given = true;
        }
        if (given) time = TimeSpec.FromNanoseconds(nanoseconds);
        return WasiErrno.Success;
    }
}
