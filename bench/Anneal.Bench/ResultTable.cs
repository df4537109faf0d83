// The report of a run: a row a program with each engine's milliseconds and the ratios that were asked for, then geometric means
// and worst ratios. As aligned text or as Markdown. The ratios are the result; milliseconds only explain them.

using System.Globalization;
using System.Text;

namespace Anneal.Bench;

internal sealed class ResultTable(
    IReadOnlyList<Measurement> measurements, IReadOnlyList<Engine> engines, IReadOnlyList<Ratio> ratios, Statistic statistic)
{
    private readonly List<string[]> rows = [];

    public string Render(bool markdown)
    {
        rows.Clear();
        rows.Add(["program", .. engines.Select(e => $"{e.Name} ms"), .. ratios.Select(r => r.Heading)]);

        string[] programs = [.. measurements.Select(m => m.Program).Distinct()];
        foreach (string program in programs)
        {
            rows.Add(
            [
                program,
                .. engines.Select(e => Cell(program, e)),
                .. ratios.Select(r => RatioOf(program, r) is { } value ? Format(value) : "-"),
            ]);
        }
        AddSummaries(programs);
        return markdown ? RenderMarkdown() : RenderText();
    }

    private void AddSummaries(string[] programs)
    {
        if (ratios.Count == 0)
            return;
        string[] means = new string[ratios.Count], worst = new string[ratios.Count];
        for (int i = 0; i < ratios.Count; i++)
        {
            List<(double Value, string Program)> values = [];
            foreach (string program in programs)
            {
                if (RatioOf(program, ratios[i]) is { } value)
                    values.Add((value, program));
            }
            // A mean over fewer programs than the table has says so.
            string count = values.Count == programs.Length ? "" : $" ({values.Count} of {programs.Length})";
            means[i] = values.Count == 0 ? "-" : Format(Statistics.GeometricMean([.. values.Select(v => v.Value)])) + count;
            worst[i] = values.Count == 0 ? "-" : $"{Format(values.Max().Value)} {values.Max().Program}";
        }
        string[] blank = [.. engines.Select(_ => "")];
        rows.Add(["geomean", .. blank, .. means]);
        rows.Add(["worst", .. blank, .. worst]);
    }

    private Measurement? Find(string program, Engine engine) =>
        measurements.FirstOrDefault(m => m.Program == program && m.Engine == engine);

    // A dash where a program isn't for an engine.
    private string Cell(string program, Engine engine) => Find(program, engine) is not { } measurement
        ? "-"
        : measurement.Result(statistic) is { } milliseconds ? Milliseconds(milliseconds) : "FAILED";

    private double? RatioOf(string program, Ratio ratio) =>
        Find(program, ratio.Over)?.Result(statistic) / ratio.Under.Min(engine => Find(program, engine)?.Result(statistic));

    private static string Milliseconds(double value) =>
        value.ToString(value < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);

    private static string Format(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private string RenderText()
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            var line = new StringBuilder();
            for (int i = 0; i < row.Length; i++)
                line.Append(i == 0 ? row[i].PadRight(widths[i]) : "  " + row[i].PadLeft(widths[i]));
            text.AppendLine(line.ToString().TrimEnd());
        }
        return text.ToString();
    }

    private string RenderMarkdown()
    {
        var text = new StringBuilder();
        for (int i = 0; i < rows.Count; i++)
        {
            text.Append("| ").AppendJoin(" | ", rows[i]).AppendLine(" |");
            if (i == 0)
                text.Append("| --- |").Insert(text.Length, " ---: |", rows[0].Length - 1).AppendLine();
        }
        return text.ToString();
    }
}
