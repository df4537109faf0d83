// The measurements of a run as a JSON file, every sample kept, for comparing runs with other tools.

using System.Text.Json;

namespace Anneal.Bench;

internal static class ResultFile
{
    public static void Write(string path, string mode, IReadOnlyList<Measurement> measurements, RunOptions options)
    {
        using FileStream file = File.Create(path);
        using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("mode", mode);
        json.WriteString("unit", "ms");
        json.WriteString("clock", options.Clock == Clock.Cpu ? "cpu" : "wall");
        json.WriteString("statistic", options.Statistic == Statistic.Min ? "min" : "median");
        json.WriteStartArray("measurements");
        foreach (Measurement measurement in measurements)
        {
            json.WriteStartObject();
            json.WriteString("program", measurement.Program);
            json.WriteString("engine", measurement.Engine.Name);
            if (measurement.Result(options.Statistic) is { } result)
                json.WriteNumber("result", result);
            if (measurement.Failure is { } failure)
                json.WriteString("failure", failure);
            json.WriteStartArray("samples");
            foreach (double sample in measurement.Samples)
                json.WriteNumberValue(sample);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
