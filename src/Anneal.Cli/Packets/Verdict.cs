// What a program's result means, by its type: the name that the public headers have for it, and what becomes of the packet.

using System.Globalization;
using Anneal.Ebpf;

namespace Anneal.Cli.Packets;

/// <summary>Verdicts of programs.</summary>
internal static class Verdict
{
    private static readonly string[] Xdp = ["XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT"];

    private static readonly string[] Classifier =
        ["TC_ACT_OK", "TC_ACT_RECLASSIFY", "TC_ACT_SHOT", "TC_ACT_PIPE", "TC_ACT_STOLEN", "TC_ACT_QUEUED", "TC_ACT_REPEAT", "TC_ACT_REDIRECT", "TC_ACT_TRAP"];

    /// <summary>The verdict's name, and where it redirects to; the number where it has no name.</summary>
    public static string Name(ProgramType type, ulong result, in Redirect redirect)
    {
        string name = Name(type, result);
        if (redirect.Kind == RedirectKind.None) return name;
        string target = redirect.Kind switch
        {
            RedirectKind.Device => "device",
            RedirectKind.Processor => "processor",
            RedirectKind.Socket => "socket",
            RedirectKind.Peer => "peer of device",
            RedirectKind.Neighbor => "neighbor on device",
            _ => "",
        };
        return redirect.Kind == RedirectKind.AllDevices
            ? $"{name} to all devices of {redirect.Map!.Name}"
            : string.Create(CultureInfo.InvariantCulture, $"{name} to {target} {redirect.Target}");
    }

    private static string Name(ProgramType type, ulong result)
    {
        if (type == ProgramTypes.Xdp) return result < (ulong)Xdp.Length ? Xdp[result] : Number(result);
        if (type == ProgramTypes.Classifier)
        {
            uint action = (uint)result;
            return action < (uint)Classifier.Length ? Classifier[action] : action == uint.MaxValue ? "TC_ACT_UNSPEC" : Number(action);
        }

        if (type == ProgramTypes.SocketFilter) return (uint)result == 0 ? "drop" : "keep";
        if (type == ProgramTypes.CgroupSkb) return (result & 1) == 0 ? "drop" : "allow";
        return Number(result);
    }

    /// <summary>How many of a packet's bytes go on; 0 if it's dropped.</summary>
    public static int Kept(ProgramType type, ulong result, int length)
    {
        if (type == ProgramTypes.Xdp) return result is >= 2 and <= 4 ? length : 0;
        if (type == ProgramTypes.Classifier) return (int)result is -1 or 0 or 1 or 3 or 7 ? length : 0;
        if (type == ProgramTypes.SocketFilter) return (int)Math.Min((uint)result, (uint)length);
        if (type == ProgramTypes.CgroupSkb) return (result & 1) == 0 ? 0 : length;
        return result == 0 ? 0 : length;
    }

    private static string Number(ulong result) => string.Create(CultureInfo.InvariantCulture, $"0x{result:x}");
}
