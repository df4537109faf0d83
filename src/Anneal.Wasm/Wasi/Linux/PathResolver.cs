// The sandbox. A guest path is resolved beneath a directory descriptor; no path, symbolic link or race may lead out of it.
//
//   openat2 with RESOLVE_BENEATH    one system call; the kernel checks each step, also against concurrent renames
//   PathWalk                        where the kernel lacks or forbids openat2: one component at a time, links read by hand
//
// Operations on a name (make, remove, rename, …) open the parent this way and then use an *at() call that doesn't follow links
// in the last component. Called by the path_* functions only.

using System.Runtime.CompilerServices;

namespace Anneal.Wasm.Wasi.Linux;

/// <summary>Resolves guest paths beneath directories.</summary>
/// <param name="useOpenAt2">Whether the kernel offers openat2; false forces the component-wise walk.</param>
internal sealed unsafe class PathResolver(bool useOpenAt2)
{
    // A rename anywhere on the system can make a resolution with `..` ask for another try.
    private const int MaximumRetries = 256;

    /// <summary>Whether this kernel, under this process's filters, resolves beneath a directory by itself.</summary>
    public static bool KernelHasOpenAt2(SafeFileDescriptor directory)
    {
        byte* here = stackalloc byte[2] { (byte)'.', 0 };
        WasiErrno error = OpenBeneath(directory, here, LinuxFlags.Path | LinuxFlags.CloseOnExec, 0, out SafeFileDescriptor? file);
        file?.Dispose();
        return error == WasiErrno.Success;
    }

    /// <summary>Opens what a path leads to.</summary>
    /// <param name="root">The directory that the path may not leave.</param>
    /// <param name="path">The checked path.</param>
    /// <param name="flags">Flags of open(2), without those that say whether to follow links.</param>
    /// <param name="mode">Permissions of a file that is created.</param>
    /// <param name="follow">Whether a symbolic link at the end is followed; if not, opening one fails with `loop`.</param>
    /// <param name="file">The opened file.</param>
    public WasiErrno Open(
        SafeFileDescriptor root, ref PathBuffer path, int flags, uint mode, bool follow, out SafeFileDescriptor? file)
    {
        flags |= LinuxFlags.CloseOnExec;
        if (useOpenAt2)
        {
            return OpenBeneath(root, path.Pointer, follow ? flags : flags | LinuxFlags.NoFollow, mode, out file);
        }
        return OpenByWalk(root, ref path, flags, mode, follow, out file);
    }

    /// <summary>Finds the directory in which a path's last component stands or will stand. Never follows that component.</summary>
    public WasiErrno OpenParent(SafeFileDescriptor root, ref PathBuffer path, PathWalk walk, out PathLocation location)
    {
        location = default;
        if (!useOpenAt2) return walk.Run(root, ref path, PathWalk.Last.Keep, out location);
        byte* text = path.Pointer;
        int end = path.Length;
        while (end > 0 && text[end - 1] == '/') end--;
        int start = end;
        while (start > 0 && text[start - 1] != '/') start--;
        location.TrailingSlash = end < path.Length;
        bool dots = IsDots(text + start, end - start);
        if (!dots)
        {
            text[end] = 0;
            location.Name = text + start;
            if (start == 0)
            {
                location.Parent = root;
                return WasiErrno.Success;
            }
            text[start - 1] = 0;
        }
        WasiErrno error = OpenBeneath(
            root, text, LinuxFlags.Path | LinuxFlags.Directory | LinuxFlags.CloseOnExec, 0, out SafeFileDescriptor? parent);
        if (error != WasiErrno.Success) return error;
        location.Own(parent!);
        if (dots)
        {
            location.IsDirectoryItself = true;
            text[0] = (byte)'.';
            text[1] = 0;
            location.Name = text;
        }
        return WasiErrno.Success;
    }

    /// <summary>
    /// Finds the parent and name of the thing that a path leads to, with links in the last component resolved beforehand when
    /// asked for or when a slash follows it. The name itself must then be used without following.
    /// </summary>
    public WasiErrno Locate(SafeFileDescriptor root, ref PathBuffer path, bool follow, PathWalk walk, out PathLocation location) =>
        walk.Run(root, ref path, follow ? PathWalk.Last.Follow : PathWalk.Last.FollowBeforeSlash, out location);

    /// <summary>The attributes of what a path leads to.</summary>
    [SkipLocalsInit]
    public WasiErrno Stat(SafeFileDescriptor root, ref PathBuffer path, bool follow, out Statx attributes)
    {
        Statx result;
        attributes = default;
        byte* text = path.Pointer;
        // A single name needs no resolution unless it turns out to be a link that is to be followed.
        if (IsPlainName(text, path.Length))
        {
            if (Libc.Stat(root, text, LinuxFlags.AtSymlinkNoFollow, Statx.BasicStats, &result) < 0) return LinuxErrno.LastAsWasi;
            if (!follow || result.FileType != WasiFileType.SymbolicLink)
            {
                attributes = result;
                return WasiErrno.Success;
            }
        }
        if (!useOpenAt2)
        {
            using var walk = new PathWalk();
            WasiErrno located = Locate(root, ref path, follow, walk, out PathLocation location);
            using (location)
            {
                if (located != WasiErrno.Success) return located;
                if (Libc.Stat(location.Parent, location.Name, LinuxFlags.AtSymlinkNoFollow, Statx.BasicStats, &result) < 0)
                {
                    return LinuxErrno.LastAsWasi;
                }
                if (location.TrailingSlash && result.FileType != WasiFileType.Directory) return WasiErrno.NotDirectory;
                attributes = result;
                return WasiErrno.Success;
            }
        }
        int flags = LinuxFlags.Path | LinuxFlags.CloseOnExec | (follow ? 0 : LinuxFlags.NoFollow);
        WasiErrno error = OpenBeneath(root, text, flags, 0, out SafeFileDescriptor? file);
        if (error != WasiErrno.Success) return error;
        using (file)
        {
            byte empty = 0;
            if (Libc.Stat(file!, &empty, LinuxFlags.AtEmptyPath, Statx.BasicStats, &result) < 0) return LinuxErrno.LastAsWasi;
        }
        attributes = result;
        return WasiErrno.Success;
    }

    private static bool IsPlainName(byte* text, int length) =>
        !new ReadOnlySpan<byte>(text, length).Contains((byte)'/') && !IsDots(text, length);

    private static bool IsDots(byte* text, int length) =>
        text[0] == '.' && (length == 1 || (length == 2 && text[1] == '.'));

    private static WasiErrno OpenBeneath(
        SafeFileDescriptor root, byte* path, int flags, uint mode, out SafeFileDescriptor? file)
    {
        var how = new OpenHow
        {
            Flags = (uint)flags,
            Mode = (flags & LinuxFlags.Create) != 0 ? mode : 0,
            Resolve = OpenHow.Beneath | OpenHow.NoMagicLinks,
        };
        for (int attempt = 0; ; attempt++)
        {
            nint descriptor = Libc.OpenAt2(LinuxFlags.SysOpenAt2, root, path, &how, (nuint)sizeof(OpenHow));
            if (descriptor >= 0)
            {
                file = new SafeFileDescriptor((int)descriptor, ownsHandle: true);
                return WasiErrno.Success;
            }
            int error = LinuxErrno.Last;
            if (error == LinuxErrno.EINTR || (error == LinuxErrno.EAGAIN && attempt < MaximumRetries)) continue;
            file = null;
            // Here EXDEV is the kernel's word for a path that leads out.
            return error == LinuxErrno.EXDEV ? WasiErrno.NotPermitted : LinuxErrno.ToWasi(error);
        }
    }

    private WasiErrno OpenByWalk(
        SafeFileDescriptor root, ref PathBuffer path, int flags, uint mode, bool follow, out SafeFileDescriptor? file)
    {
        file = null;
        for (int attempt = 0; attempt < MaximumRetries; attempt++)
        {
            using var walk = new PathWalk();
            bool exclusive = (flags & (LinuxFlags.Create | LinuxFlags.Exclusive)) == (LinuxFlags.Create | LinuxFlags.Exclusive);
            WasiErrno error = Locate(root, ref path, follow && !exclusive, walk, out PathLocation location);
            using (location)
            {
                if (error != WasiErrno.Success) return error;
                if (location.TrailingSlash && (flags & LinuxFlags.Create) != 0) return WasiErrno.IsDirectory;
                int open = flags | LinuxFlags.NoFollow | (location.TrailingSlash ? LinuxFlags.Directory : 0);
                int descriptor;
                do
                {
                    descriptor = Libc.OpenAt(location.Parent, location.Name, open, mode);
                }
                while (descriptor < 0 && LinuxErrno.Last == LinuxErrno.EINTR);
                if (descriptor >= 0)
                {
                    file = new SafeFileDescriptor(descriptor, ownsHandle: true);
                    return WasiErrno.Success;
                }
                // The walk saw no link here, yet there is one: it was put there in between. Look again.
                if (follow && !exclusive && LinuxErrno.Last == LinuxErrno.ELOOP) continue;
                return LinuxErrno.LastAsWasi;
            }
        }
        return WasiErrno.Again;
    }
}
