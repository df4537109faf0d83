// What `anneal run --stats` prints when the program has ended.

using System.Globalization;

namespace Anneal.Cli;

/// <summary>An engine's statistics as a table for people.</summary>
internal static class StatisticsTable
{
    /// <summary>Prints it.</summary>
    public static void Print(EngineStatistics statistics, TextWriter output)
    {
        output.WriteLine($"tier {statistics.Tier.ToString().ToLowerInvariant()}");
        output.WriteLine($"{"",-12}{"functions",12}{"now",10}{"bytes",12}{"ms",10}");
        Row("lowered", statistics.FunctionsLowered, statistics.Tier == Tier.Portable ? statistics.FunctionsLowered : null, null, statistics.LoweringTime);
        Row("threaded", statistics.FunctionsPredecoded, statistics.FunctionsInThreaded, statistics.StreamBytes, statistics.PredecodingTime);
        Row("baseline", statistics.FunctionsCompiled, statistics.FunctionsInBaseline, statistics.CodeBytes, statistics.CompileTime);
        Line("hot functions", statistics.HotFunctions);
        Line("OSR entries", statistics.OsrEntries);
        Line("OSR exits", statistics.OsrExits);
        Line("refused", statistics.Refusals);
        Line("traps", statistics.Traps);
        if (statistics.Suspensions != 0) Line("suspended", statistics.Suspensions);
        if (statistics.Resumptions != 0) Line("resumed", statistics.Resumptions);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"handlers",-16}{statistics.Handlers,8}{"",10}{statistics.HandlerBytes,12}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"code space held",-34}{statistics.HeldCodeBytes,12}"));

        void Row(string name, long functions, long? now, long? bytes, TimeSpan time) => output.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{name,-12}{functions,12}{now,10}{bytes,12}{time.TotalMilliseconds,10:F2}"));

        void Line(string name, long count) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-16}{count,8}"));
    }
}
