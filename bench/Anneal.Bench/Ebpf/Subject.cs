namespace Anneal.Bench.Ebpf;

/// <summary>A program on one side of the comparison.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slots">Its instructions' slots.</param>
/// <param name="Run">Runs it so often; nanoseconds a run.</param>
/// <param name="Result">Runs it once over a fresh packet; what it returned.</param>
/// <param name="LoadTime">Microseconds to load it, warm.</param>
internal sealed record Subject(string Name, int Slots, Func<int, double> Run, Func<ulong> Result, Func<double> LoadTime);
