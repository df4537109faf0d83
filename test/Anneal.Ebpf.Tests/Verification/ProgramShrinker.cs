namespace Anneal.Ebpf.Tests.Verification;

/// <summary>Makes a program's text as short as it can be without losing what is interesting in it.</summary>
internal static class ProgramShrinker
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>Leaves out lines, in ever smaller groups, while the rest is a program and interesting; for some seconds.</summary>
    public static string Shrink(ProgramType type, string text, Func<EbpfProgram, bool> isInteresting)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (int group = lines.Length / 2; group > 0;)
        {
            bool shorter = false;
            for (int at = 0; at < lines.Length && watch.Elapsed < Patience;)
            {
                string[] rest = [.. lines[..at], .. lines[Math.Min(at + group, lines.Length)..]];
                if (rest.Length < lines.Length && IsInteresting(type, rest, isInteresting))
                {
                    lines = rest;
                    shorter = true;
                }
                else
                {
                    at += group;
                }
            }

            if (!shorter || group > lines.Length) group /= 2;
        }

        return string.Join('\n', lines);
    }

    private static bool IsInteresting(ProgramType type, string[] lines, Func<EbpfProgram, bool> isInteresting)
    {
        try
        {
            return isInteresting(ProgramText.Assemble("random", type, string.Join('\n', lines)));
        }
        catch (Exception e) when (e is FormatException or InvalidEbpfProgramException or KeyNotFoundException)
        {
            return false;
        }
    }
}
