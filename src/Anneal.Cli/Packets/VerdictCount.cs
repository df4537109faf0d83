using Anneal.Ebpf;

namespace Anneal.Cli.Packets;

/// <summary>How often verdicts of a name came, and the first of them.</summary>
internal sealed class VerdictCount(string name, ulong verdict, Redirect redirect)
{
    public string Name => name;

    public ulong Verdict => verdict;

    public Redirect Redirect => redirect;

    public long Count { get; set; }
}
