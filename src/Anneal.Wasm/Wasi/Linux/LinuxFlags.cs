// Numbers of the Linux system call interface. A few differ between x86-64 and arm64; those are properties.

using System.Runtime.InteropServices;

namespace Anneal.Wasm.Wasi.Linux;

internal static class LinuxFlags
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int NoControllingTerminal = 0x100;
    public const int Truncate = 0x200;
    public const int Append = 0x400;
    public const int NonBlock = 0x800;
    public const int DSync = 0x1000;
    public const int Sync = 0x101000;
    public const int CloseOnExec = 0x80000;
    public const int Path = 0x200000;

    public const int AtSymlinkNoFollow = 0x100;
    public const int AtRemoveDirectory = 0x200;
    public const int AtEmptyPath = 0x1000;

    public const int GetFlags = 3; // F_GETFL
    public const int SetFlags = 4; // F_SETFL

    public const nuint BytesToRead = 0x541b; // FIONREAD

    public const long TimeNow = 0x3fffffff;  // UTIME_NOW
    public const long TimeOmit = 0x3ffffffe; // UTIME_OMIT

    public const int EventCloseOnExec = 0x80000;
    public const int EventNonBlock = 0x800;

    /// <summary>PATH_MAX: the longest path, its NUL included.</summary>
    public const int MaximumPath = 4096;

    /// <summary>IOV_MAX: the most buffers that one call takes.</summary>
    public const int MaximumVectors = 1024;

    /// <summary>PIPE_BUF: how much a pipe that polls as writable takes without blocking.</summary>
    public const int PipeChunk = 4096;

    public static int Directory => Arm ? 0x4000 : 0x10000;

    public static int NoFollow => Arm ? 0x8000 : 0x20000;

    public static nint SysOpenAt2 => 437;

    public static nint SysGetDirectoryEntries => Arm ? 61 : 217;

    private static bool Arm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
}
