// How dumps name an eBPF program's functions, and which ones a word of --function means.

using System.Globalization;
using Anneal.Ebpf;

namespace Anneal.Cli.Dumps;

/// <summary>Names of programs and their subprograms.</summary>
internal static class SubprogramNames
{
    /// <summary><c>filter/1 &lt;count&gt;</c>.</summary>
    public static string Of(EbpfProgram program, int subprogram) =>
        string.Create(CultureInfo.InvariantCulture, $"{program.Name}/{subprogram} <{program.Subprograms[subprogram].Name}>");

    /// <summary>
    /// The subprograms that a word means, by program: a program's name, all of it; <c>PROGRAM/SUBPROGRAM</c>, the second by name or number,
    /// that one; else the name of a subprogram, in each program that has it. Null for everything.
    /// </summary>
    /// <exception cref="UsageException">It means none.</exception>
    public static List<(EbpfProgram Program, List<int> Subprograms)> Select(ObjectFile file, string path, string? word)
    {
        var selected = new List<(EbpfProgram, List<int>)>();
        foreach (EbpfProgram program in file.Programs)
        {
            List<int> found = word is null || word == program.Name ? [.. Enumerable.Range(0, program.Subprograms.Length)] : [];
            if (word is not null && found.Count == 0 && word.StartsWith(program.Name + "/", StringComparison.Ordinal)) Find(program, word[(program.Name.Length + 1)..], found);
            if (found.Count != 0) selected.Add((program, found));
        }

        // No program's name: then it's a subprogram's.
        foreach (EbpfProgram program in selected.Count == 0 ? file.Programs : [])
        {
            var found = new List<int>();
            for (int i = 0; i < program.Subprograms.Length; i++)
            {
                if (program.Subprograms[i].Name == word) found.Add(i);
            }

            if (found.Count != 0) selected.Add((program, found));
        }

        if (selected.Count != 0) return selected;
        throw new UsageException($"{path} has no program or subprogram \"{word}\"; its programs are {string.Join(", ", file.Programs.Select(program => program.Name))}");
    }

    private static void Find(EbpfProgram program, string word, List<int> found)
    {
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            if (number < program.Subprograms.Length) found.Add(number);
            return;
        }

        for (int i = 0; i < program.Subprograms.Length; i++)
        {
            if (program.Subprograms[i].Name == word) found.Add(i);
        }
    }
}
