// The small enumerations of WASI preview 1 and the sizes of its structures: the guest's binary interface, never renumbered.

namespace Anneal.Wasm.Wasi;

/// <summary>`filetype`.</summary>
internal enum WasiFileType : byte
{
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketDatagram = 5,
    SocketStream = 6,
    SymbolicLink = 7,
}

/// <summary>`fdflags`.</summary>
[Flags]
internal enum WasiFdFlags : ushort
{
    None = 0,
    Append = 1,
    DSync = 2,
    NonBlock = 4,
    RSync = 8,
    Sync = 16,
    All = 31,
}

/// <summary>`oflags`.</summary>
[Flags]
internal enum WasiOpenFlags : ushort
{
    None = 0,
    Create = 1,
    Directory = 2,
    Exclusive = 4,
    Truncate = 8,
    All = 15,
}

/// <summary>`lookupflags`.</summary>
[Flags]
internal enum WasiLookupFlags : uint
{
    None = 0,
    SymlinkFollow = 1,
}

/// <summary>`fstflags`.</summary>
[Flags]
internal enum WasiTimeFlags : ushort
{
    None = 0,
    Access = 1,
    AccessNow = 2,
    Modification = 4,
    ModificationNow = 8,
    All = 15,
}

/// <summary>`clockid`.</summary>
internal enum WasiClock : uint
{
    Realtime = 0,
    Monotonic = 1,
    ProcessCpu = 2,
    ThreadCpu = 3,
}

/// <summary>`eventtype`.</summary>
internal enum WasiEventType : byte
{
    Clock = 0,
    FdRead = 1,
    FdWrite = 2,
}

/// <summary>Sizes in bytes of the structures that a guest passes by pointer.</summary>
internal static class WasiLayout
{
    public const uint IoVector = 8;
    public const uint DirectoryEntry = 24;
    public const uint FdStat = 24;
    public const uint FileStat = 64;
    public const uint Subscription = 48;
    public const uint Event = 32;
    public const uint PreStat = 8;
}
