// Numbers of the helpers that come with the engine: those of the public interface (linux/bpf.h).

namespace Anneal.Ebpf.Helpers;

/// <summary>Helper numbers.</summary>
internal static class HelperIds
{
    public const int MapLookup = 1;
    public const int MapUpdate = 2;
    public const int MapDelete = 3;
    public const int Probe = 4;
    public const int KernelTime = 5;
    public const int TracePrint = 6;
    public const int Random = 7;
    public const int ProcessorId = 8;
    public const int StorePacketBytes = 9;
    public const int ReplaceL3Checksum = 10;
    public const int ReplaceL4Checksum = 11;
    public const int TailCall = 12;
    public const int CurrentProcess = 14;
    public const int CurrentUser = 15;
    public const int CurrentCommand = 16;
    public const int LoadPacketBytes = 26;
    public const int ChecksumDifference = 28;
    public const int ChangePacketTail = 38;
    public const int PullPacketData = 39;
    public const int NumaNode = 42;
    public const int ChangePacketHead = 43;
    public const int AdjustHead = 44;
    public const int ProbeText = 45;
    public const int AdjustMeta = 54;
    public const int AdjustTail = 65;
    public const int PushMapElement = 87;
    public const int PopMapElement = 88;
    public const int PeekMapElement = 89;
    public const int ParseLong = 105;
    public const int ParseUnsignedLong = 106;
    public const int ProbeUser = 112;
    public const int ProbeKernel = 113;
    public const int ProbeUserText = 114;
    public const int ProbeKernelText = 115;
    public const int Jiffies = 118;
    public const int BootTime = 125;
    public const int RingBufferOutput = 130;
    public const int RingBufferReserve = 131;
    public const int RingBufferSubmit = 132;
    public const int RingBufferDiscard = 133;
    public const int RingBufferQuery = 134;
    public const int CoarseTime = 160;
    public const int ForEachElement = 164;
    public const int FormatText = 165;
    public const int TracePrintArguments = 177;
    public const int Loop = 181;
    public const int CompareStrings = 182;
    public const int PacketLength = 188;
    public const int LoadXdpBytes = 189;
    public const int StoreXdpBytes = 190;
    public const int MapLookupPerProcessor = 195;
    public const int TaiTime = 208;
}
