// Resolves a path one component at a time with nothing but openat(O_NOFOLLOW) and readlinkat: the way through where there is no
// openat2, and where an operation needs the parent and name of a link's final target. `..` goes back to a descriptor that was
// opened on the way in, never to what the directory now calls its parent, so a concurrent move can't lead out.

using System.Buffers;

namespace Anneal.Wasm.Wasi.Linux;

/// <summary>One walk; it owns the directories that it opened until it is disposed.</summary>
internal sealed unsafe class PathWalk : IDisposable
{
    private const int MaximumLinks = 40;
    private const int MaximumDepth = 512;
    private const int MaximumName = 255;

    private readonly List<SafeFileDescriptor> opened = [];
    private byte[]? pending;
    private byte[]? target;
    private MemoryHandle pinnedName;

    /// <summary>What to do about the path's last component.</summary>
    public enum Last
    {
        /// <summary>Never follow it.</summary>
        Keep,

        /// <summary>Follow it only if a slash comes after it.</summary>
        FollowBeforeSlash,

        /// <summary>Follow it.</summary>
        Follow,
    }

    /// <summary>Walks. The location is good until this object is disposed, and doesn't own its parent.</summary>
    public WasiErrno Run(SafeFileDescriptor root, ref PathBuffer path, Last last, out PathLocation location)
    {
        location = default;
        pending = ArrayPool<byte>.Shared.Rent(2 * LinuxFlags.MaximumPath + 2);
        target = ArrayPool<byte>.Shared.Rent(LinuxFlags.MaximumPath);
        new ReadOnlySpan<byte>(path.Pointer, path.Length).CopyTo(pending);
        int position = 0;
        int end = path.Length;
        int links = 0;
        byte[] name = new byte[MaximumName + 1];
        pinnedName = name.AsMemory().Pin();
        byte* component = (byte*)pinnedName.Pointer;
        while (true)
        {
            while (position < end && pending[position] == '/') position++;
            SafeFileDescriptor current = opened.Count > 0 ? opened[^1] : root;
            if (position == end)
            {
                name[0] = (byte)'.';
                name[1] = 0;
                location.Parent = current;
                location.Name = component;
                location.IsDirectoryItself = true;
                return WasiErrno.Success;
            }
            int size = pending.AsSpan(position, end - position).IndexOf((byte)'/');
            if (size < 0) size = end - position;
            if (size > MaximumName) return WasiErrno.NameTooLong;
            pending.AsSpan(position, size).CopyTo(name);
            name[size] = 0;
            position += size;
            int rest = position;
            while (rest < end && pending[rest] == '/') rest++;
            bool isLast = rest == end;
            bool slash = rest > position;
            if (size == 1 && name[0] == '.') continue;
            if (size == 2 && name[0] == '.' && name[1] == '.')
            {
                if (opened.Count == 0) return WasiErrno.NotPermitted;
                opened[^1].Dispose();
                opened.RemoveAt(opened.Count - 1);
                continue;
            }
            if (isLast && (last == Last.Keep || (last == Last.FollowBeforeSlash && !slash)))
            {
                return Found(ref location, current, component, slash);
            }
            if (!isLast)
            {
                int flags = LinuxFlags.Path | LinuxFlags.Directory | LinuxFlags.NoFollow | LinuxFlags.CloseOnExec;
                int descriptor = Libc.OpenAt(current, component, flags, 0);
                if (descriptor >= 0)
                {
                    opened.Add(new SafeFileDescriptor(descriptor, ownsHandle: true));
                    if (opened.Count > MaximumDepth) return WasiErrno.NameTooLong;
                    continue;
                }
                int error = LinuxErrno.Last;
                if (error == LinuxErrno.EINTR)
                {
                    position -= size;
                    continue;
                }
                if (error is not (LinuxErrno.ENOTDIR or LinuxErrno.ELOOP)) return LinuxErrno.ToWasi(error);
            }
            // A link in the middle, or perhaps one at the end.
            int length;
            fixed (byte* buffer = target) length = (int)Libc.ReadLinkAt(current, component, buffer, LinuxFlags.MaximumPath);
            if (length < 0)
            {
                int error = LinuxErrno.Last;
                if (!isLast) return error == LinuxErrno.EINVAL ? WasiErrno.NotDirectory : LinuxErrno.ToWasi(error);
                // Not a link, or not there (yet): the caller's operation finds out.
                if (error is LinuxErrno.EINVAL or LinuxErrno.ENOENT) return Found(ref location, current, component, slash);
                return LinuxErrno.ToWasi(error);
            }
            if (++links > MaximumLinks) return WasiErrno.Loop;
            if (length == 0) return WasiErrno.NoEntry;
            if (target[0] == '/') return WasiErrno.NotPermitted;
            int remaining = end - position;
            if (length + remaining >= LinuxFlags.MaximumPath) return WasiErrno.NameTooLong;
            pending.AsSpan(position, remaining).CopyTo(pending.AsSpan(length));
            target.AsSpan(0, length).CopyTo(pending);
            position = 0;
            end = length + remaining;
        }
    }

    public void Dispose()
    {
        foreach (SafeFileDescriptor directory in opened) directory.Dispose();
        opened.Clear();
        pinnedName.Dispose();
        if (pending is not null) ArrayPool<byte>.Shared.Return(pending);
        if (target is not null) ArrayPool<byte>.Shared.Return(target);
        pending = null;
        target = null;
    }

    private static WasiErrno Found(ref PathLocation location, SafeFileDescriptor parent, byte* name, bool slash)
    {
        location.Parent = parent;
        location.Name = name;
        location.TrailingSlash = slash;
        return WasiErrno.Success;
    }
}
