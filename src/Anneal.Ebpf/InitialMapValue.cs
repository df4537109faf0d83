namespace Anneal.Ebpf;

/// <summary>What an object puts into a map of maps or a program array from the start.</summary>
/// <param name="Map">The map, by index.</param>
/// <param name="Index">The entry.</param>
/// <param name="InnerMap">The map that it holds, by index; -1 for a program.</param>
/// <param name="Program">The name of the program that it holds, or empty.</param>
public sealed record InitialMapValue(int Map, int Index, int InnerMap, string Program);
