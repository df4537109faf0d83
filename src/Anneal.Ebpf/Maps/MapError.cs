namespace Anneal.Ebpf.Maps;

/// <summary>What map operations give back to programs: negative error numbers of the Linux interface.</summary>
internal static class MapError
{
    public const long None = 0;
    public const long NotPermitted = -1;
    public const long NoEntry = -2;
    public const long TooBig = -7;
    public const long Again = -11;
    public const long NoMemory = -12;
    public const long Fault = -14;
    public const long Busy = -16;
    public const long Exists = -17;
    public const long Invalid = -22;
    public const long NoSpace = -28;
    public const long Range = -34;
    public const long NotSupported = -95;
}
