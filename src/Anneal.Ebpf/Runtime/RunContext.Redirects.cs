// State of a run that few programs have: the redirect that a program asked for, and what it said of the packet's checksum. Whoever sets
// it has it cleared at the run's end.

namespace Anneal.Ebpf.Runtime;

internal sealed unsafe partial class RunContext
{
    private const int NoChecksum = -1;
    private Redirect redirect;
    private bool hasPacketState;
    private bool isEncapsulated;
    private int checksumLevel = NoChecksum;

    /// <summary>Where the program wants the packet to go.</summary>
    public Redirect Redirect
    {
        get => redirect;
        set
        {
            redirect = value;
            hasPacketState = true;
        }
    }

    /// <summary>How many nested checksums, less one, are known to be right; -1: none.</summary>
    public int ChecksumLevel
    {
        get => checksumLevel;
        set
        {
            checksumLevel = value;
            hasPacketState = true;
        }
    }

    /// <summary>Whether the program has wrapped the packet into an outer one.</summary>
    public bool IsEncapsulated
    {
        get => isEncapsulated;
        set
        {
            isEncapsulated = value;
            hasPacketState = true;
        }
    }

    private void EndPacketState()
    {
        if (!hasPacketState) return;
        hasPacketState = false;
        isEncapsulated = false;
        redirect = default;
        checksumLevel = NoChecksum;
    }
}
