namespace Anneal.Ebpf;

/// <summary>A function of a program. The first one is the program's entry.</summary>
/// <param name="Name">Its name, or "sub_N" after its first slot.</param>
/// <param name="Start">Its first slot.</param>
/// <param name="End">The slot after its last.</param>
public sealed record Subprogram(string Name, int Start, int End);
