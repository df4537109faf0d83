// Structures of the Linux kernel that are laid out alike on x86-64 and arm64. A test checks their sizes and offsets.

using System.Runtime.InteropServices;

namespace Anneal.Wasm.Wasi.Linux;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct IoVector
{
    public byte* Start;
    public nuint Length;
}

/// <summary>struct timespec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TimeSpec
{
    public long Seconds;
    public long Nanoseconds;

    public const long Billion = 1_000_000_000;

    /// <summary>A duration in nanoseconds as a timespec.</summary>
    public static TimeSpec FromNanoseconds(ulong nanoseconds) =>
        new() { Seconds = (long)(nanoseconds / Billion), Nanoseconds = (long)(nanoseconds % Billion) };

    /// <summary>Nanoseconds since the epoch, held within what 64 unsigned bits can say.</summary>
    public readonly ulong ToNanoseconds() => ToNanoseconds(Seconds, (uint)Nanoseconds);

    public static ulong ToNanoseconds(long seconds, uint nanoseconds)
    {
        if (seconds < 0) return 0;
        if ((ulong)seconds > ulong.MaxValue / Billion) return ulong.MaxValue;
        ulong total = (ulong)seconds * Billion + nanoseconds;
        return total < nanoseconds ? ulong.MaxValue : total;
    }
}

/// <summary>struct open_how.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OpenHow
{
    public ulong Flags;
    public ulong Mode;
    public ulong Resolve;

    public const ulong NoMagicLinks = 0x02;
    public const ulong Beneath = 0x08;
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Descriptor;
    public short Events;
    public short Results;

    public const short In = 0x1;
    public const short Out = 0x4;
    public const short Error = 0x8;
    public const short HangUp = 0x10;
    public const short Invalid = 0x20;
}

/// <summary>struct statx_timestamp.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StatxTime
{
    public long Seconds;
    public uint Nanoseconds;
    private readonly int reserved;

    public readonly ulong ToNanoseconds() => TimeSpec.ToNanoseconds(Seconds, Nanoseconds);
}

/// <summary>struct statx: unlike struct stat, the same on every processor.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Statx
{
    [FieldOffset(0x10)] public uint LinkCount;
    [FieldOffset(0x1c)] public ushort Mode;
    [FieldOffset(0x20)] public ulong Inode;
    [FieldOffset(0x28)] public ulong Size;
    [FieldOffset(0x40)] public StatxTime AccessTime;
    [FieldOffset(0x60)] public StatxTime ChangeTime;
    [FieldOffset(0x70)] public StatxTime ModificationTime;
    [FieldOffset(0x88)] public uint DeviceMajor;
    [FieldOffset(0x8c)] public uint DeviceMinor;

    /// <summary>STATX_BASIC_STATS.</summary>
    public const uint BasicStats = 0x7ff;

    public readonly WasiFileType FileType => (Mode & 0xf000) switch
    {
        0x2000 => WasiFileType.CharacterDevice,
        0x4000 => WasiFileType.Directory,
        0x6000 => WasiFileType.BlockDevice,
        0x8000 => WasiFileType.RegularFile,
        0xa000 => WasiFileType.SymbolicLink,
        0xc000 => WasiFileType.SocketStream,
        _ => WasiFileType.Unknown, // a pipe, for which WASI has no word
    };
}
