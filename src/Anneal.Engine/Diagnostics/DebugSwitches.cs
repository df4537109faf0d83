// What developers of the engine ask it for through the environment: ANNEAL_DEBUG=word,word. Read once a process.

namespace Anneal.Diagnostics;

/// <summary>The words of <c>ANNEAL_DEBUG</c>.</summary>
internal static class DebugSwitches
{
    private static readonly string[]? Words = Environment.GetEnvironmentVariable("ANNEAL_DEBUG")?.Split(',');

    /// <summary><c>check</c>: every lowered body is checked.</summary>
    public static bool ChecksBytecode { get; } = Has("check");

    /// <summary><c>trace:tier</c>: moves of functions and frames between tiers are told on standard error.</summary>
    public static bool TracesTiers { get; } = Has("trace:tier");

    private static bool Has(string word) => Words is not null && Array.IndexOf(Words, word) >= 0;
}
