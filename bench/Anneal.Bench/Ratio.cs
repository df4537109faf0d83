// A column of ratios: an engine's time over another's, or over the best of several. Which columns a table has is either asked
// for (`--ratios auto/best,threaded/jsc:interpreter`), fixed by the mode, or follows from the engines.

namespace Anneal.Bench;

/// <param name="Heading">What stands over the column.</param>
/// <param name="Over">The engine whose time is divided.</param>
/// <param name="Under">The fastest of these, program by program, divides it.</param>
internal sealed record Ratio(string Heading, Engine Over, IReadOnlyList<Engine> Under)
{
    /// <summary>
    /// Each of Anneal's against every peer of its kind (every peer when none is), the threaded interpreter against the plain
    /// one, and auto against the best tier that was forced.
    /// </summary>
    public static List<Ratio> Of(IReadOnlyList<Engine> engines)
    {
        List<Ratio> ratios = [];
        Engine[] peers = [.. engines.Where(e => e.IsPeer)];
        foreach (Engine own in engines.Where(e => !e.IsPeer))
        {
            Engine[] comparable = peers.Any(p => p.Kind == own.Kind) ? [.. peers.Where(p => p.Kind == own.Kind)] : peers;
            ratios.AddRange(comparable.Select(peer => Make(own, peer)));
            if (own.Variant == "threaded" && engines.FirstOrDefault(e => e.Name == "anneal:portable") is { } portable)
                ratios.Add(Make(own, portable));
            if (own.Variant == "auto" && engines.Any(e => e.IsForcedTier))
                ratios.Add(new Ratio("auto/best", own, [.. engines.Where(e => e.IsForcedTier)]));
        }
        return ratios;
    }

    /// <summary>The columns of those names; one whose engine isn't measured is left out.</summary>
    /// <param name="names">Pairs <c>a/b</c> of engines, with or without family; <c>best</c> is the best forced tier, <c>node</c> the best of Node's, <c>jsc</c> the best of JavaScriptCore's interpreters.</param>
    /// <param name="engines">What is measured.</param>
    /// <exception cref="BenchException">A name isn't a pair, or no engine has it.</exception>
    public static List<Ratio> Parse(IEnumerable<string> names, IReadOnlyList<Engine> engines)
    {
        List<Ratio> ratios = [];
        foreach (string name in names)
        {
            if (name.Split('/') is not [var over, var under] || !EngineCatalog.Knows(over) || !(under is "best" or "node" or "jsc" || EngineCatalog.Knows(under)))
                throw new BenchException($"'{name}' isn't a ratio of two engines that exist, such as auto/best or threaded/jsc:interpreter");
            Engine[] divided = [.. engines.Where(e => Names(over, e))];
            Engine[] dividing = under switch
            {
                "best" => [.. engines.Where(e => e.IsForcedTier)],
                "node" => [.. engines.Where(e => e.Family == EngineFamily.Node)],
                "jsc" => [.. engines.Where(e => e is { Family: EngineFamily.JavaScriptCore, Kind: EngineKind.Interpreter })],
                _ => [.. engines.Where(e => Names(under, e)).Take(1)],
            };
            if (divided.Length > 0 && dividing.Length > 0)
                ratios.Add(new Ratio(name, divided[0], dividing));
        }
        return ratios;
    }

    private static Ratio Make(Engine over, Engine under) =>
        new($"{over.Variant}/{(under.Family is EngineFamily.Anneal or EngineFamily.Node ? under.Variant : under.Name)}", over, [under]);

    // A name without a family is a tier's or one of Node's.
    private static bool Names(string name, Engine engine) =>
        name == engine.Name || (name == engine.Variant && engine.Family is EngineFamily.Anneal or EngineFamily.Node);
}
