namespace Anneal.Cli;

/// <summary>The names of tiers on the command line, and engines of them.</summary>
internal static class Tiers
{
    public const string Names = "auto, portable, threaded, baseline";

    /// <summary>The tier of that name; null stands for the engine's choice.</summary>
    /// <exception cref="UsageException">There's no such tier.</exception>
    public static Tier Parse(string? name) => name switch
    {
        null or "auto" => Tier.Auto,
        "portable" => Tier.Portable,
        "threaded" => Tier.Threaded,
        "baseline" => Tier.Baseline,
        _ => throw new UsageException($"there's no tier \"{name}\"; choose of {Names}"),
    };

    /// <summary>An engine of the tier; when one was asked for that this machine can't have, standard error says so.</summary>
    public static Engine CreateEngine(Tier tier, ProcessStreams streams, bool metersFuel = false)
    {
        var engine = new Engine(new EngineOptions { Tier = tier, FuelMetering = metersFuel });
        if (tier is not (Tier.Auto or Tier.Portable) && engine.TierRefusal is { } refusal)
            streams.Error.WriteLine($"anneal: no {tier.ToString().ToLowerInvariant()} tier here ({refusal}); running in the portable tier");
        return engine;
    }
}
