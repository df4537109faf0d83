// Makes a failing module smaller: cuts one node after another, keeping each cut with which the engines still differ.

using System.Diagnostics;

namespace Anneal.Wasm.Tests.Differential;

internal static class Shrinking
{
    /// <summary>What differs, an exception that nothing should throw included; null if nothing does.</summary>
    public static string? Difference(DifferentialRun run, GeneratedModule module, int seed)
    {
        try
        {
            return run.Compare(module.Encode(), seed);
        }
        catch (Exception exception)
        {
            return exception.ToString();
        }
    }

    public static void Shrink(DifferentialRun run, GeneratedModule module, int seed, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        bool progress = true;
        while (progress)
        {
            progress = false;
            foreach (Node node in module.Nodes().Where(node => !node.IsCut && !node.IsPinned).ToArray())
            {
                if (clock.Elapsed > limit)
                    return;
                node.IsCut = true;
                if (Difference(run, module, seed) is null)
                    node.IsCut = false;
                else
                    progress = true;
            }
        }
    }
}
