// The path_* functions. Each copies and checks its path, lets PathResolver find the place without leaving the descriptor's
// directory, and does one *at() call there that doesn't follow links in the last component.

using System.Runtime.CompilerServices;
using Anneal.Wasm.Wasi.Descriptors;
using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi;

internal sealed unsafe partial class WasiPreview1
{
    private const uint NewFileMode = 0x1b6;      // rw-rw-rw-, less the process's umask
    private const uint NewDirectoryMode = 0x1ff; // rwxrwxrwx, less the process's umask

    [SkipLocalsInit]
    public WasiErrno PathCreateDirectory(in GuestMemory memory, uint fd, uint path, uint length)
    {
        WasiErrno error = FindDirectory(fd, WasiRights.PathCreateDirectory, out DirectoryDescriptor directory);
        if (error != WasiErrno.Success) return error;
        PathBuffer text;
        Unsafe.SkipInit(out text);
        error = text.Read(memory, path, length);
        if (error != WasiErrno.Success) return error;
        if (directory.ReadOnly) return WasiErrno.ReadOnlyFileSystem;
        using var walk = new PathWalk();
        error = paths.OpenParent(directory.Handle, ref text, walk, out PathLocation location);
        using (location)
        {
            if (error != WasiErrno.Success) return error;
            if (location.IsDirectoryItself) return WasiErrno.Exists;
            return Result(Libc.MakeDirectoryAt(location.Parent, location.Name, NewDirectoryMode));
        }
    }

    [SkipLocalsInit]
    public WasiErrno PathFileStatGet(in GuestMemory memory, uint fd, uint flags, uint path, uint length, uint result)
    {
        WasiErrno error = FindDirectory(fd, WasiRights.PathFileStatGet, out DirectoryDescriptor directory);
        if (error != WasiErrno.Success) return error;
        PathBuffer text;
        Unsafe.SkipInit(out text);
        error = text.Read(memory, path, length);
        if (error != WasiErrno.Success) return error;
        if (!TryFollow(flags, out bool follow)) return WasiErrno.Invalid;
        error = paths.Stat(directory.Handle, ref text, follow, out Statx attributes);
        if (error != WasiErrno.Success) return error;
        WriteFileStat(memory, result, attributes, attributes.FileType);
        return WasiErrno.Success;
    }

    [SkipLocalsInit]
    public WasiErrno PathFileStatSetTimes(
        in GuestMemory memory, uint fd, uint flags, uint path, uint length, ulong access, ulong modification, uint which)
    {
        WasiErrno error = FindDirectory(fd, WasiRights.PathFileStatSetTimes, out DirectoryDescriptor directory);
        if (error != WasiErrno.Success) return error;
        PathBuffer text;
        Unsafe.SkipInit(out text);
        error = text.Read(memory, path, length);
        if (error != WasiErrno.Success) return error;
        if (!TryFollow(flags, out bool follow)) return WasiErrno.Invalid;
        TimeSpec* times = stackalloc TimeSpec[2];
        error = ToTimes(access, modification, which, times);
        if (error != WasiErrno.Success) return error;
        if (directory.ReadOnly) return WasiErrno.ReadOnlyFileSystem;
        using var walk = new PathWalk();
        error = paths.Locate(directory.Handle, ref text, follow, walk, out PathLocation location);
        using (location)
        {
            if (error != WasiErrno.Success) return error;
            error = RequireDirectoryBeforeSlash(location);
            if (error != WasiErrno.Success) return error;
            return Result(Libc.SetTimesAt(location.Parent, location.Name, times, LinuxFlags.AtSymlinkNoFollow));
        }
    }

    [SkipLocalsInit]
    public WasiErrno PathLink(
        in GuestMemory memory, uint oldFd, uint flags, uint oldPath, uint oldLength, uint newFd, uint newPath, uint newLength)
    {
        WasiErrno error = FindDirectory(oldFd, WasiRights.PathLinkSource, out DirectoryDescriptor oldDirectory);
        if (error != WasiErrno.Success) return error;
        error = FindDirectory(newFd, WasiRights.PathLinkTarget, out DirectoryDescriptor newDirectory);
        if (error != WasiErrno.Success) return error;
        PathBuffer oldText;
        PathBuffer newText;
        Unsafe.SkipInit(out oldText);
        Unsafe.SkipInit(out newText);
        error = oldText.Read(memory, oldPath, oldLength);
        if (error == WasiErrno.Success) error = newText.Read(memory, newPath, newLength);
        if (error != WasiErrno.Success) return error;
        if (!TryFollow(flags, out bool follow)) return WasiErrno.Invalid;
        // A link out of a read-only directory would make its file writable through the other.
        if (oldDirectory.ReadOnly || newDirectory.ReadOnly) return WasiErrno.ReadOnlyFileSystem;
        using var oldWalk = new PathWalk();
        using var newWalk = new PathWalk();
        error = paths.Locate(oldDirectory.Handle, ref oldText, follow, oldWalk, out PathLocation from);
        using (from)
        {
            if (error != WasiErrno.Success) return error;
            error = RequireDirectoryBeforeSlash(from);
            if (error != WasiErrno.Success) return error;
            error = paths.OpenParent(newDirectory.Handle, ref newText, newWalk, out PathLocation to);
            using (to)
            {
                if (error != WasiErrno.Success) return error;
                if (to.IsDirectoryItself) return WasiErrno.Exists;
                if (to.TrailingSlash) return WasiErrno.NoEntry;
                return Result(Libc.LinkAt(from.Parent, from.Name, to.Parent, to.Name, 0));
            }
        }
    }

    [SkipLocalsInit]
    public WasiErrno PathOpen(
        in GuestMemory memory, uint fd, uint lookup, uint path, uint length, uint openFlags, ulong rightsBits,
        ulong inheritingBits, uint fdFlags, uint result)
    {
        WasiErrno error = FindDirectory(fd, WasiRights.PathOpen, out DirectoryDescriptor directory);
        if (error != WasiErrno.Success) return error;
        PathBuffer text;
        Unsafe.SkipInit(out text);
        error = text.Read(memory, path, length);
        if (error != WasiErrno.Success) return error;
        _ = memory.Pointer(result, 4);
        if (!TryFollow(lookup, out bool follow)) return WasiErrno.Invalid;
        if ((openFlags & ~(uint)WasiOpenFlags.All) != 0 || (fdFlags & ~(uint)WasiFdFlags.All) != 0) return WasiErrno.Invalid;
        var open = (WasiOpenFlags)openFlags;
        var flags = (WasiFdFlags)fdFlags;
        // C libraries ask for every bit but a few; bits without a meaning are no rights.
        WasiRights rights = (WasiRights)rightsBits & WasiRights.All;
        WasiRights inheriting = (WasiRights)inheritingBits & WasiRights.All;
        WasiRights needed = WasiRights.None;
        if ((open & WasiOpenFlags.Create) != 0) needed |= WasiRights.PathCreateFile;
        if ((open & WasiOpenFlags.Truncate) != 0) needed |= WasiRights.PathFileStatSetSize;
        error = directory.Require(needed);
        if (error != WasiErrno.Success) return error;
        if (((rights | inheriting) & ~directory.Inheriting) != 0) return WasiErrno.NotCapable;

        bool wantsDirectory = (open & WasiOpenFlags.Directory) != 0;
        // Some kernels would create a file and then say that it isn't a directory.
        if (wantsDirectory && (open & WasiOpenFlags.Create) != 0) return WasiErrno.Invalid;
        bool writes = !wantsDirectory && (rights & WasiRights.Writing) != 0;
        if (directory.ReadOnly && (writes || (open & (WasiOpenFlags.Create | WasiOpenFlags.Truncate)) != 0))
        {
            return WasiErrno.ReadOnlyFileSystem;
        }
        // Non-blocking on the host's side always: opening or reading a pipe must not block where cancellation can't reach.
        int host = LinuxFlags.NoControllingTerminal | LinuxFlags.NonBlock | HostFlags(open, flags);
        if (writes) host |= (rights & WasiRights.Reading) != 0 ? LinuxFlags.ReadWrite : LinuxFlags.WriteOnly;
        error = paths.Open(directory.Handle, ref text, host, NewFileMode, follow, out SafeFileDescriptor? file);
        if (error != WasiErrno.Success) return error;
        error = Install(file!, wantsDirectory, directory.ReadOnly, rights, inheriting, flags, out uint number);
        if (error == WasiErrno.Success) memory.WriteUInt32(result, number);
        return error;
    }

    [SkipLocalsInit]
    public WasiErrno PathReadLink(
        in GuestMemory memory, uint fd, uint path, uint length, uint buffer, uint size, uint result)
    {
        WasiErrno error = FindDirectory(fd, WasiRights.PathReadLink, out DirectoryDescriptor directory);
        if (error != WasiErrno.Success) return error;
        PathBuffer text;
        Unsafe.SkipInit(out text);
        error = text.Read(memory, path, length);
        if (error != WasiErrno.Success) return error;
        byte* destination = memory.Pointer(buffer, size);
        _ = memory.Pointer(result, 4);
        using var walk = new PathWalk();
        error = paths.OpenParent(directory.Handle, ref text, walk, out PathLocation location);
        using (location)
        {
            if (error != WasiErrno.Success) return error;
            // With a slash behind it a link stands for the directory that it leads to, which isn't a link.
            if (location.IsDirectoryItself || location.TrailingSlash) return WasiErrno.Invalid;
            if (size == 0)
            {
                memory.WriteUInt32(result, 0);
                return WasiErrno.Success;
            }
            nint used = Libc.ReadLinkAt(location.Parent, location.Name, destination, size);
            if (used < 0) return LinuxErrno.LastAsWasi;
            memory.WriteUInt32(result, (uint)used);
            return WasiErrno.Success;
        }
    }

    public WasiErrno PathRemoveDirectory(in GuestMemory memory, uint fd, uint path, uint length) =>
        Remove(memory, fd, path, length, WasiRights.PathRemoveDirectory);

    public WasiErrno PathUnlinkFile(in GuestMemory memory, uint fd, uint path, uint length) =>
        Remove(memory, fd, path, length, WasiRights.PathUnlinkFile);

    [SkipLocalsInit]
    public WasiErrno PathRename(
        in GuestMemory memory, uint oldFd, uint oldPath, uint oldLength, uint newFd, uint newPath, uint newLength)
    {
        WasiErrno error = FindDirectory(oldFd, WasiRights.PathRenameSource, out DirectoryDescriptor oldDirectory);
        if (error != WasiErrno.Success) return error;
        error = FindDirectory(newFd, WasiRights.PathRenameTarget, out DirectoryDescriptor newDirectory);
        if (error != WasiErrno.Success) return error;
        PathBuffer oldText;
        PathBuffer newText;
        Unsafe.SkipInit(out oldText);
        Unsafe.SkipInit(out newText);
        error = oldText.Read(memory, oldPath, oldLength);
        if (error == WasiErrno.Success) error = newText.Read(memory, newPath, newLength);
        if (error != WasiErrno.Success) return error;
        if (oldDirectory.ReadOnly || newDirectory.ReadOnly) return WasiErrno.ReadOnlyFileSystem;
        using var oldWalk = new PathWalk();
        using var newWalk = new PathWalk();
        error = paths.OpenParent(oldDirectory.Handle, ref oldText, oldWalk, out PathLocation from);
        using (from)
        {
            if (error != WasiErrno.Success) return error;
            error = paths.OpenParent(newDirectory.Handle, ref newText, newWalk, out PathLocation to);
            using (to)
            {
                if (error != WasiErrno.Success) return error;
                if (from.IsDirectoryItself || to.IsDirectoryItself) return WasiErrno.Busy;
                if (from.TrailingSlash || to.TrailingSlash)
                {
                    // Only a directory can be named with a slash behind it.
                    error = RequireDirectory(from);
                    if (error != WasiErrno.Success) return error;
                }
                return Result(Libc.RenameAt(from.Parent, from.Name, to.Parent, to.Name));
            }
        }
    }

    [SkipLocalsInit]
    public WasiErrno PathSymlink(in GuestMemory memory, uint target, uint targetLength, uint fd, uint path, uint length)
    {
        WasiErrno error = FindDirectory(fd, WasiRights.PathSymlink, out DirectoryDescriptor directory);
        if (error != WasiErrno.Success) return error;
        PathBuffer content;
        PathBuffer text;
        Unsafe.SkipInit(out content);
        Unsafe.SkipInit(out text);
        // An absolute target is refused: the guest couldn't follow it, but a program of the host that trusts the directory might.
        error = content.Read(memory, target, targetLength);
        if (error == WasiErrno.Success) error = text.Read(memory, path, length);
        if (error != WasiErrno.Success) return error;
        if (directory.ReadOnly) return WasiErrno.ReadOnlyFileSystem;
        using var walk = new PathWalk();
        error = paths.OpenParent(directory.Handle, ref text, walk, out PathLocation location);
        using (location)
        {
            if (error != WasiErrno.Success) return error;
            if (location.IsDirectoryItself) return WasiErrno.Exists;
            if (location.TrailingSlash)
            {
                Statx existing;
                int found = Libc.Stat(location.Parent, location.Name, LinuxFlags.AtSymlinkNoFollow, Statx.BasicStats, &existing);
                return found == 0 ? WasiErrno.Exists : WasiErrno.NoEntry;
            }
            return Result(Libc.SymlinkAt(content.Pointer, location.Parent, location.Name));
        }
    }

    private static int HostFlags(WasiOpenFlags open, WasiFdFlags flags)
    {
        int host = 0;
        if ((open & WasiOpenFlags.Create) != 0) host |= LinuxFlags.Create;
        if ((open & WasiOpenFlags.Directory) != 0) host |= LinuxFlags.Directory;
        if ((open & WasiOpenFlags.Exclusive) != 0) host |= LinuxFlags.Exclusive;
        if ((open & WasiOpenFlags.Truncate) != 0) host |= LinuxFlags.Truncate;
        if ((flags & WasiFdFlags.Append) != 0) host |= LinuxFlags.Append;
        if ((flags & WasiFdFlags.DSync) != 0) host |= LinuxFlags.DSync;
        // Linux has one flag for both kinds of full synchronization.
        if ((flags & (WasiFdFlags.Sync | WasiFdFlags.RSync)) != 0) host |= LinuxFlags.Sync;
        return host;
    }

    // Gives an opened host file a number in the guest, as what it turned out to be.
    private WasiErrno Install(
        SafeFileDescriptor file, bool isDirectory, bool readOnly, WasiRights rights, WasiRights inheriting, WasiFdFlags flags,
        out uint number)
    {
        number = 0;
        WasiFileType type = WasiFileType.Directory;
        if (!isDirectory)
        {
            Statx attributes;
            byte empty = 0;
            if (Libc.Stat(file, &empty, LinuxFlags.AtEmptyPath, Statx.BasicStats, &attributes) < 0)
            {
                WasiErrno error = LinuxErrno.LastAsWasi;
                file.Dispose();
                return error;
            }
            type = attributes.FileType;
        }
        return type == WasiFileType.Directory
            ? descriptors.Add(new DirectoryDescriptor(file, rights, inheriting, flags, readOnly, preopenName: null), out number)
            : descriptors.Add(FileDescriptor.Opened(file, type, rights, flags, readOnly), out number);
    }

    [SkipLocalsInit]
    private WasiErrno Remove(in GuestMemory memory, uint fd, uint path, uint length, WasiRights right)
    {
        WasiErrno error = FindDirectory(fd, right, out DirectoryDescriptor directory);
        if (error != WasiErrno.Success) return error;
        PathBuffer text;
        Unsafe.SkipInit(out text);
        error = text.Read(memory, path, length);
        if (error != WasiErrno.Success) return error;
        if (directory.ReadOnly) return WasiErrno.ReadOnlyFileSystem;
        bool wantsDirectory = right == WasiRights.PathRemoveDirectory;
        using var walk = new PathWalk();
        error = paths.OpenParent(directory.Handle, ref text, walk, out PathLocation location);
        using (location)
        {
            if (error != WasiErrno.Success) return error;
            if (location.IsDirectoryItself) return wantsDirectory ? WasiErrno.Invalid : WasiErrno.IsDirectory;
            if (!wantsDirectory && location.TrailingSlash)
            {
                error = RequireDirectoryBeforeSlash(location);
                return error == WasiErrno.Success ? WasiErrno.IsDirectory : error;
            }
            return Result(Libc.UnlinkAt(location.Parent, location.Name, wantsDirectory ? LinuxFlags.AtRemoveDirectory : 0));
        }
    }

    private static WasiErrno RequireDirectoryBeforeSlash(in PathLocation location) =>
        location.TrailingSlash ? RequireDirectory(location) : WasiErrno.Success;

    private static WasiErrno RequireDirectory(in PathLocation location)
    {
        Statx attributes;
        if (Libc.Stat(location.Parent, location.Name, LinuxFlags.AtSymlinkNoFollow, Statx.BasicStats, &attributes) < 0)
        {
            return LinuxErrno.LastAsWasi;
        }
        return attributes.FileType == WasiFileType.Directory ? WasiErrno.Success : WasiErrno.NotDirectory;
    }

    private static bool TryFollow(uint flags, out bool follow)
    {
        follow = (flags & (uint)WasiLookupFlags.SymlinkFollow) != 0;
        return (flags & ~(uint)WasiLookupFlags.SymlinkFollow) == 0;
    }

    private static WasiErrno Result(int outcome) => outcome < 0 ? LinuxErrno.LastAsWasi : WasiErrno.Success;
}
