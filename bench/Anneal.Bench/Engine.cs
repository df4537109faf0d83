// An engine is a command line that runs a WASI module: Node under some V8 flags, or Anneal with some tier. All modes of the
// runner treat them alike: they run `command + options + module + arguments` and differ only in what they do with the result.

namespace Anneal.Bench;

/// <summary>One way to run a module.</summary>
/// <param name="Name">Column heading: <c>liftoff</c>, <c>anneal:baseline</c>.</param>
/// <param name="IsPeer">True for Node; ratios are Anneal's time over a peer's.</param>
/// <param name="Command">Executable and the arguments that precede options and module.</param>
internal sealed record Engine(string Name, bool IsPeer, IReadOnlyList<string> Command)
{
    /// <summary>The peers by the name that <c>--engines</c> takes, with the V8 flags that each stands for.</summary>
    public static readonly IReadOnlyList<KeyValuePair<string, string[]>> Peers =
    [
        new("default", []),                  // lazy Liftoff, TurboFan on hot functions (no replacement inside a running loop)
        new("liftoff", ["--liftoff-only"]),  // baseline alone
        new("turbofan", ["--no-liftoff"]),   // optimizing alone
    ];

    public static Engine Node(string node, string name, Repository repository)
    {
        foreach (var (peer, flags) in Peers)
        {
            if (peer == name)
                return new Engine($"node:{name}", true, [node, "--no-warnings", .. flags, repository.NodeRunner]);
        }
        throw new BenchException($"unknown engine '{name}'; known are {string.Join(", ", Peers.Select(p => p.Key))}");
    }

    /// <summary>Anneal with a forced tier; the tier <c>auto</c> forces none.</summary>
    public static Engine Anneal(string anneal, string tier) =>
        new($"anneal:{tier}", false, tier == "auto" ? [anneal, "run"] : [anneal, "run", "--tier", tier]);
}
