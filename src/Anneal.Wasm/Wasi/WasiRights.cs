// The rights of WASI preview 1 and the sets that each kind of descriptor starts with.

namespace Anneal.Wasm.Wasi;

/// <summary>What a descriptor may be used for (`rights`).</summary>
[Flags]
internal enum WasiRights : ulong
{
    None = 0,
    FdDataSync = 1UL << 0,
    FdRead = 1UL << 1,
    FdSeek = 1UL << 2,
    FdFdStatSetFlags = 1UL << 3,
    FdSync = 1UL << 4,
    FdTell = 1UL << 5,
    FdWrite = 1UL << 6,
    FdAdvise = 1UL << 7,
    FdAllocate = 1UL << 8,
    PathCreateDirectory = 1UL << 9,
    PathCreateFile = 1UL << 10,
    PathLinkSource = 1UL << 11,
    PathLinkTarget = 1UL << 12,
    PathOpen = 1UL << 13,
    FdReadDir = 1UL << 14,
    PathReadLink = 1UL << 15,
    PathRenameSource = 1UL << 16,
    PathRenameTarget = 1UL << 17,
    PathFileStatGet = 1UL << 18,
    PathFileStatSetSize = 1UL << 19,
    PathFileStatSetTimes = 1UL << 20,
    FdFileStatGet = 1UL << 21,
    FdFileStatSetSize = 1UL << 22,
    FdFileStatSetTimes = 1UL << 23,
    PathSymlink = 1UL << 24,
    PathRemoveDirectory = 1UL << 25,
    PathUnlinkFile = 1UL << 26,
    PollFdReadWrite = 1UL << 27,
    SockShutdown = 1UL << 28,
    SockAccept = 1UL << 29,

    /// <summary>Every right that preview 1 defines; other bits that a guest sets are ignored.</summary>
    All = (1UL << 30) - 1,

    /// <summary>What a file can be asked for.</summary>
    File = FdDataSync | FdRead | FdSeek | FdFdStatSetFlags | FdSync | FdTell | FdWrite | FdAdvise | FdAllocate
        | FdFileStatGet | FdFileStatSetSize | FdFileStatSetTimes | PollFdReadWrite,

    /// <summary>What a directory can be asked for.</summary>
    Directory = FdFdStatSetFlags | FdSync | FdDataSync | FdAdvise | PathCreateDirectory | PathCreateFile | PathLinkSource
        | PathLinkTarget | PathOpen | FdReadDir | PathReadLink | PathRenameSource | PathRenameTarget | PathFileStatGet
        | PathFileStatSetSize | PathFileStatSetTimes | FdFileStatGet | FdFileStatSetTimes | PathSymlink | PathRemoveDirectory
        | PathUnlinkFile,

    /// <summary>
    /// What a terminal, pipe or socket can be asked for. Guests take a character device without seek for a terminal.
    /// </summary>
    Stream = FdRead | FdWrite | FdFdStatSetFlags | FdFileStatGet | PollFdReadWrite | FdSync | FdDataSync
        | SockShutdown,

    /// <summary>Rights that ask path_open for a readable file.</summary>
    Reading = FdRead | FdReadDir,

    /// <summary>Rights that ask path_open for a writable file.</summary>
    Writing = FdDataSync | FdWrite | FdAllocate | FdFileStatSetSize,
}
