// What the kernel says of this process: its mappings and its resident memory.

using System.Globalization;

namespace Anneal.Wasm.Tests.Robustness;

internal static class ProcessMemory
{
    /// <summary>The number of mappings.</summary>
    public static int Mappings => File.ReadLines("/proc/self/maps").Count();

    /// <summary>Mappings that can be written and executed at once. The .NET runtime itself has none, unless told to.</summary>
    public static List<string> WritableCode =>
        [.. File.ReadLines("/proc/self/maps").Where(line => line.IndexOf(' ', StringComparison.Ordinal) is var at && line[at + 2] == 'w' && line[at + 3] == 'x')];

    /// <summary>Resident bytes after a full collection.</summary>
    public static long Settled()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        GC.Collect();
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }
}
