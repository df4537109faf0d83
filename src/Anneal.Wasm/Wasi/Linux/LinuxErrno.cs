// Maps the host's error numbers (asm-generic numbering, the same on x86-64 and arm64) onto WASI's, whole.

using System.Runtime.InteropServices;

namespace Anneal.Wasm.Wasi.Linux;

internal static class LinuxErrno
{
    public const int EPERM = 1;
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EXDEV = 18;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int E2BIG = 7;
    public const int ENOSYS = 38;
    public const int ELOOP = 40;
    public const int ENOENT = 2;

    /// <summary>The error of the calling thread's last system call.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The error of the calling thread's last system call as WASI numbers it.</summary>
    public static WasiErrno LastAsWasi => ToWasi(Last);

    /// <summary>A Linux error number as WASI numbers it; one that WASI has no word for becomes `io`.</summary>
    public static WasiErrno ToWasi(int error) => error switch
    {
        0 => WasiErrno.Success,
        1 => WasiErrno.NotPermitted, // EPERM
        2 => WasiErrno.NoEntry, // ENOENT
        3 => WasiErrno.NoProcess, // ESRCH
        4 => WasiErrno.Interrupted, // EINTR
        5 => WasiErrno.IO, // EIO
        6 => WasiErrno.NoSuchDeviceOrAddress, // ENXIO
        7 => WasiErrno.TooBig, // E2BIG
        8 => WasiErrno.NoExec, // ENOEXEC
        9 => WasiErrno.BadDescriptor, // EBADF
        10 => WasiErrno.NoChild, // ECHILD
        11 => WasiErrno.Again, // EAGAIN
        12 => WasiErrno.NoMemory, // ENOMEM
        13 => WasiErrno.Access, // EACCES
        14 => WasiErrno.Fault, // EFAULT
        16 => WasiErrno.Busy, // EBUSY
        17 => WasiErrno.Exists, // EEXIST
        18 => WasiErrno.CrossDevice, // EXDEV
        19 => WasiErrno.NoDevice, // ENODEV
        20 => WasiErrno.NotDirectory, // ENOTDIR
        21 => WasiErrno.IsDirectory, // EISDIR
        22 => WasiErrno.Invalid, // EINVAL
        23 => WasiErrno.TooManyFilesInSystem, // ENFILE
        24 => WasiErrno.TooManyFiles, // EMFILE
        25 => WasiErrno.NotTerminal, // ENOTTY
        26 => WasiErrno.TextBusy, // ETXTBSY
        27 => WasiErrno.FileTooBig, // EFBIG
        28 => WasiErrno.NoSpace, // ENOSPC
        29 => WasiErrno.InvalidSeek, // ESPIPE
        30 => WasiErrno.ReadOnlyFileSystem, // EROFS
        31 => WasiErrno.TooManyLinks, // EMLINK
        32 => WasiErrno.BrokenPipe, // EPIPE
        33 => WasiErrno.Domain, // EDOM
        34 => WasiErrno.Range, // ERANGE
        35 => WasiErrno.Deadlock, // EDEADLK
        36 => WasiErrno.NameTooLong, // ENAMETOOLONG
        37 => WasiErrno.NoLock, // ENOLCK
        38 => WasiErrno.NoSystemCall, // ENOSYS
        39 => WasiErrno.NotEmpty, // ENOTEMPTY
        40 => WasiErrno.Loop, // ELOOP
        42 => WasiErrno.NoMessage, // ENOMSG
        43 => WasiErrno.IdentifierRemoved, // EIDRM
        67 => WasiErrno.NoLink, // ENOLINK
        71 => WasiErrno.Protocol, // EPROTO
        72 => WasiErrno.MultiHop, // EMULTIHOP
        74 => WasiErrno.BadMessage, // EBADMSG
        75 => WasiErrno.Overflow, // EOVERFLOW
        84 => WasiErrno.IllegalSequence, // EILSEQ
        88 => WasiErrno.NotSocket, // ENOTSOCK
        89 => WasiErrno.DestinationAddressRequired, // EDESTADDRREQ
        90 => WasiErrno.MessageSize, // EMSGSIZE
        91 => WasiErrno.ProtocolType, // EPROTOTYPE
        92 => WasiErrno.NoProtocolOption, // ENOPROTOOPT
        93 => WasiErrno.ProtocolNotSupported, // EPROTONOSUPPORT
        95 => WasiErrno.NotSupported, // EOPNOTSUPP
        97 => WasiErrno.AddressFamilyNotSupported, // EAFNOSUPPORT
        98 => WasiErrno.AddressInUse, // EADDRINUSE
        99 => WasiErrno.AddressNotAvailable, // EADDRNOTAVAIL
        100 => WasiErrno.NetworkDown, // ENETDOWN
        101 => WasiErrno.NetworkUnreachable, // ENETUNREACH
        102 => WasiErrno.NetworkReset, // ENETRESET
        103 => WasiErrno.ConnectionAborted, // ECONNABORTED
        104 => WasiErrno.ConnectionReset, // ECONNRESET
        105 => WasiErrno.NoBuffers, // ENOBUFS
        106 => WasiErrno.IsConnected, // EISCONN
        107 => WasiErrno.NotConnected, // ENOTCONN
        110 => WasiErrno.TimedOut, // ETIMEDOUT
        111 => WasiErrno.ConnectionRefused, // ECONNREFUSED
        113 => WasiErrno.HostUnreachable, // EHOSTUNREACH
        114 => WasiErrno.Already, // EALREADY
        115 => WasiErrno.InProgress, // EINPROGRESS
        116 => WasiErrno.Stale, // ESTALE
        122 => WasiErrno.Quota, // EDQUOT
        125 => WasiErrno.Canceled, // ECANCELED
        130 => WasiErrno.OwnerDead, // EOWNERDEAD
        131 => WasiErrno.NotRecoverable, // ENOTRECOVERABLE
        _ => WasiErrno.IO,
    };
}
