namespace Anneal.Ebpf.Btf;

/// <summary>One step of an access path: a named member of a structure, or (without a name) an element of an array.</summary>
/// <param name="Type">The structure's type, or the element's.</param>
/// <param name="Index">The member's index, or the element's.</param>
/// <param name="Name">The member's name; null for an element.</param>
internal readonly record struct AccessStep(int Type, int Index, string? Name);
