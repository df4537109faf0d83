// An engine is a command line that runs a WASI module: Anneal with some tier, Node under some V8 flags, the shells of
// JavaScriptCore and wabt. All modes of the runner treat them alike: they run `command + options + module + arguments` and differ
// only in what they do with the result. EngineCatalog makes them from their names.

namespace Anneal.Bench;

/// <summary>Whose engine it is, which decides what it can be asked to run.</summary>
internal enum EngineFamily
{
    Anneal,
    Node,
    JavaScriptCore,
    Wabt,
}

/// <summary>What a ratio should compare it with.</summary>
internal enum EngineKind
{
    Interpreter,
    Compiler,
}

/// <summary>One way to run a module.</summary>
/// <param name="Name">Column heading: <c>node:liftoff</c>, <c>anneal:baseline</c>.</param>
/// <param name="Family">Whose engine it is.</param>
/// <param name="Kind">Interprets, or compiles before or while it runs.</param>
/// <param name="Command">Executable and the arguments that precede options and module.</param>
internal sealed record Engine(string Name, EngineFamily Family, EngineKind Kind, IReadOnlyList<string> Command)
{
    /// <summary>True for everything but Anneal; ratios are Anneal's time over a peer's.</summary>
    public bool IsPeer => Family != EngineFamily.Anneal;

    /// <summary>The name without its family: <c>liftoff</c>, <c>baseline</c>.</summary>
    public string Variant => Name[(Name.IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>True for Anneal with one tier alone.</summary>
    public bool IsForcedTier => Family == EngineFamily.Anneal && Variant != "auto";

    /// <summary>True when it has just the part of WASI that the programs of guests/bench need.</summary>
    public bool RunsBenchProgramsOnly => Family is EngineFamily.JavaScriptCore or EngineFamily.Wabt;

    /// <summary>True when it's so slow that one repetition must do.</summary>
    public bool RunsOnce => Family == EngineFamily.Wabt;

    /// <summary>Anneal's option for this tier; nothing for <c>auto</c>, which is its default.</summary>
    public IReadOnlyList<string> TierOption => IsForcedTier ? ["--tier", Variant] : [];
}
