// Where a guest path leads: a directory that was reached without leaving the sandbox, and one name in it.

namespace Anneal.Wasm.Wasi.Linux;

/// <summary>An opened parent directory and the last component of a path, ready for an *at() call.</summary>
internal unsafe ref struct PathLocation
{
    private SafeFileDescriptor? owned;

    /// <summary>The directory that holds the name.</summary>
    public SafeFileDescriptor Parent;

    /// <summary>The last component, NUL-terminated, without slashes; it lives in the caller's or the walk's buffer.</summary>
    public byte* Name;

    /// <summary>Whether the path ended in a slash, so that only a directory will do.</summary>
    public bool TrailingSlash;

    /// <summary>Whether the path ended in `.` or `..`: then Name is `.` and nothing can be made or removed there.</summary>
    public bool IsDirectoryItself;

    public void Own(SafeFileDescriptor parent)
    {
        owned = parent;
        Parent = parent;
    }

    public void Dispose() => owned?.Dispose();
}
