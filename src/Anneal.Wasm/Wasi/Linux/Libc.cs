// The C library calls under WASI's files, clocks and waiting. All signatures are blittable. Calls that fail return -1 and leave
// their reason in LinuxErrno.Last; callers retry EINTR.

using System.Runtime.InteropServices;

namespace Anneal.Wasm.Wasi.Linux;

internal static unsafe partial class Libc
{
    private const string Name = "libc";

    [LibraryImport(Name, EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport(Name, EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte* path, int flags, uint mode);

    [LibraryImport(Name, EntryPoint = "openat", SetLastError = true)]
    public static partial int OpenAt(SafeFileDescriptor directory, byte* path, int flags, uint mode);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint OpenAt2(nint number, SafeFileDescriptor directory, byte* path, OpenHow* how, nuint size);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    public static partial nint GetDirectoryEntries(nint number, SafeFileDescriptor directory, byte* buffer, nuint size);

    [LibraryImport(Name, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(SafeFileDescriptor file, byte* buffer, nuint size);

    [LibraryImport(Name, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(SafeFileDescriptor file, byte* buffer, nuint size);

    [LibraryImport(Name, EntryPoint = "readv", SetLastError = true)]
    public static partial nint ReadVector(SafeFileDescriptor file, IoVector* vectors, int count);

    [LibraryImport(Name, EntryPoint = "writev", SetLastError = true)]
    public static partial nint WriteVector(SafeFileDescriptor file, IoVector* vectors, int count);

    [LibraryImport(Name, EntryPoint = "preadv", SetLastError = true)]
    public static partial nint ReadVectorAt(SafeFileDescriptor file, IoVector* vectors, int count, long offset);

    [LibraryImport(Name, EntryPoint = "pwritev", SetLastError = true)]
    public static partial nint WriteVectorAt(SafeFileDescriptor file, IoVector* vectors, int count, long offset);

    [LibraryImport(Name, EntryPoint = "lseek", SetLastError = true)]
    public static partial long Seek(SafeFileDescriptor file, long offset, int whence);

    [LibraryImport(Name, EntryPoint = "statx", SetLastError = true)]
    public static partial int Stat(SafeFileDescriptor directory, byte* path, int flags, uint mask, Statx* result);

    [LibraryImport(Name, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int SetLength(SafeFileDescriptor file, long length);

    [LibraryImport(Name, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int Allocate(SafeFileDescriptor file, int mode, long offset, long length);

    // posix_fadvise returns its error instead of setting errno.
    [LibraryImport(Name, EntryPoint = "posix_fadvise")]
    public static partial int Advise(SafeFileDescriptor file, long offset, long length, int advice);

    [LibraryImport(Name, EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileDescriptor file);

    [LibraryImport(Name, EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int DataSync(SafeFileDescriptor file);

    [LibraryImport(Name, EntryPoint = "futimens", SetLastError = true)]
    public static partial int SetTimes(SafeFileDescriptor file, TimeSpec* times);

    [LibraryImport(Name, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int SetTimesAt(SafeFileDescriptor directory, byte* path, TimeSpec* times, int flags);

    [LibraryImport(Name, EntryPoint = "fcntl", SetLastError = true)]
    public static partial int Control(SafeFileDescriptor file, int command, nint argument);

    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int DeviceControl(SafeFileDescriptor file, nuint request, int* argument);

    [LibraryImport(Name, EntryPoint = "isatty")]
    public static partial int IsTerminal(SafeFileDescriptor file);

    [LibraryImport(Name, EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeDirectoryAt(SafeFileDescriptor directory, byte* path, uint mode);

    [LibraryImport(Name, EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int UnlinkAt(SafeFileDescriptor directory, byte* path, int flags);

    [LibraryImport(Name, EntryPoint = "renameat", SetLastError = true)]
    public static partial int RenameAt(
        SafeFileDescriptor oldDirectory, byte* oldPath, SafeFileDescriptor newDirectory, byte* newPath);

    [LibraryImport(Name, EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(
        SafeFileDescriptor oldDirectory, byte* oldPath, SafeFileDescriptor newDirectory, byte* newPath, int flags);

    [LibraryImport(Name, EntryPoint = "symlinkat", SetLastError = true)]
    public static partial int SymlinkAt(byte* target, SafeFileDescriptor directory, byte* path);

    [LibraryImport(Name, EntryPoint = "readlinkat", SetLastError = true)]
    public static partial nint ReadLinkAt(SafeFileDescriptor directory, byte* path, byte* buffer, nuint size);

    [LibraryImport(Name, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [LibraryImport(Name, EntryPoint = "ppoll", SetLastError = true)]
    public static partial int PollPrecise(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signalMask);

    [LibraryImport(Name, EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport(Name, EntryPoint = "getrandom", SetLastError = true)]
    public static partial nint GetRandom(byte* buffer, nuint size, uint flags);

    // A clock is read without entering the kernel, so there is nothing for the collector to wait for.
    [LibraryImport(Name, EntryPoint = "clock_gettime", SetLastError = false)]
    [SuppressGCTransition]
    public static partial int ClockTime(int clock, TimeSpec* time);

    [LibraryImport(Name, EntryPoint = "clock_getres", SetLastError = false)]
    public static partial int ClockResolution(int clock, TimeSpec* resolution);
}
