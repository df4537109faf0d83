// Which engines there are, and how each is started on this machine. An engine that's missing here, or a tier that this anneal
// doesn't have, is left out with a word on standard error and under the table; a name that no engine has is an error.

namespace Anneal.Bench;

internal sealed class EngineCatalog(Repository repository, string anneal)
{
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromMinutes(15); // ./anneal may have to build itself

    /// <summary>The tiers by the names that the anneal command gives them.</summary>
    private static readonly (string Name, EngineKind Kind)[] Tiers =
    [
        ("portable", EngineKind.Interpreter),
        ("threaded", EngineKind.Interpreter),
        ("baseline", EngineKind.Compiler),
        ("auto", EngineKind.Compiler),
    ];

    /// <summary>The peers with the flags that each stands for.</summary>
    private static readonly (EngineFamily Family, string Name, EngineKind Kind, string[] Flags)[] Peers =
    [
        (EngineFamily.Node, "node:default", EngineKind.Compiler, []),                  // lazy Liftoff, TurboFan on hot functions (no replacement inside a running loop)
        (EngineFamily.Node, "node:liftoff", EngineKind.Compiler, ["--liftoff-only"]),  // baseline alone
        (EngineFamily.Node, "node:turbofan", EngineKind.Compiler, ["--no-liftoff"]),   // optimizing alone

        // JavaScriptCore interprets in place and tiers up through BBQ and OMG. With both off, what is left is the interpreter;
        // `llint` is the older one, which predecodes.
        (EngineFamily.JavaScriptCore, "jsc:default", EngineKind.Compiler, []),
        (EngineFamily.JavaScriptCore, "jsc:bbq", EngineKind.Compiler, ["--useOMGJIT=0"]),
        (EngineFamily.JavaScriptCore, "jsc:interpreter", EngineKind.Interpreter, ["--useBBQJIT=0", "--useOMGJIT=0"]),
        (EngineFamily.JavaScriptCore, "jsc:llint", EngineKind.Interpreter, ["--useBBQJIT=0", "--useOMGJIT=0", "--useWasmIPInt=0"]),

        (EngineFamily.Wabt, "wabt:interp", EngineKind.Interpreter, []),
    ];

    /// <summary>What was left out, and why.</summary>
    public List<string> Omissions { get; } = [];

    /// <summary>The engines of those names that can run here, in that order, each once.</summary>
    /// <param name="names">Names with or without their family: <c>jsc:interpreter</c>, <c>liftoff</c>, <c>anneal:auto</c>.</param>
    /// <exception cref="BenchException">No engine has such a name.</exception>
    public List<Engine> Find(IEnumerable<string> names)
    {
        List<Engine> engines = [];
        foreach (string name in names)
        {
            if (Find(name) is { } engine && !engines.Exists(e => e.Name == engine.Name))
                engines.Add(engine);
        }
        return engines;
    }

    /// <summary>Whether some engine has this name, with or without its family; it needn't be on this machine.</summary>
    public static bool Knows(string name) =>
        Tiers.Any(t => name == t.Name || name == "anneal:" + t.Name) || Peers.Any(p => name == p.Name || "node:" + name == p.Name);

    /// <summary>Leaves out the engines that can run nothing but the programs of guests/bench.</summary>
    public List<Engine> WithWholeWasi(List<Engine> engines)
    {
        foreach (Engine engine in engines.Where(e => e.RunsBenchProgramsOnly))
            Omissions.Add($"{engine.Name} has too little of WASI here; it runs the programs of guests/bench only");
        return [.. engines.Where(e => !e.RunsBenchProgramsOnly)];
    }

    private Engine? Find(string name)
    {
        foreach ((string tier, EngineKind kind) in Tiers)
        {
            if (name == tier || name == "anneal:" + tier)
                return Tier(tier, kind);
        }
        foreach (var (family, peer, kind, flags) in Peers)
        {
            // Node came first: its variants are known without the family.
            if (name == peer || "node:" + name == peer)
                return Peer(family, peer, kind, flags);
        }
        throw new BenchException($"unknown engine '{name}'; known are {string.Join(", ", Tiers.Select(t => "anneal:" + t.Name).Concat(Peers.Select(p => p.Name)))}");
    }

    private Engine? Tier(string tier, EngineKind kind)
    {
        if (!File.Exists(anneal))
            throw new BenchException($"there is no {anneal} (--anneal names another, --tiers none measures the peers alone)");
        var engine = new Engine("anneal:" + tier, EngineFamily.Anneal, kind, [anneal, "run"]);
        engine = engine with { Command = [.. engine.Command, .. engine.TierOption] };
        if (!engine.IsForcedTier)
            return engine;

        // An anneal that falls back to another tier says so on standard error, and would be measured under a wrong name.
        ProcessRun probe = ProcessRun.Start(engine.Command, [repository.Hello], ProbeLimit);
        if (probe.ExitCode == 0 && !probe.Error.Contains($"no {tier} tier", StringComparison.Ordinal))
            return engine;
        Omissions.Add($"{engine.Name} is left out: {(probe.TimedOut ? "hello world didn't end" : probe.FirstError)}");
        return null;
    }

    private Engine? Peer(EngineFamily family, string name, EngineKind kind, string[] flags)
    {
        string[] needed = family switch
        {
            EngineFamily.Node => ["node"],
            EngineFamily.JavaScriptCore => ["jsc"],
            _ => ["wasm-interp", "wasm2wat", "wat2wasm", "stdbuf", "node"],
        };
        foreach (string command in needed)
        {
            if (Repository.FindOnPath(command) is null)
            {
                Omissions.Add($"{name} is left out: {command} was not found on PATH{Package(command)}");
                return null;
            }
        }

        string executable = Repository.FindOnPath(family == EngineFamily.JavaScriptCore ? "jsc" : "node")!;
        return new Engine(name, family, kind, family switch
        {
            EngineFamily.Node => [executable, "--no-warnings", .. flags, repository.Script("node-wasi.mjs")],
            EngineFamily.JavaScriptCore => [executable, .. flags, repository.Script("jsc-wasi.js"), "--"],
            _ => [executable, repository.Script("wabt-wasi.mjs")],
        });
    }

    private static string Package(string command) => command switch
    {
        "jsc" => " (Debian: libjavascriptcoregtk-4.0-bin)",
        "wasm-interp" or "wasm2wat" or "wat2wasm" => " (Debian: wabt)",
        _ => "",
    };
}
