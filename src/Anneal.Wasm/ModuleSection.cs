namespace Anneal.Wasm;

/// <summary>A custom section of a module (section 5.5.3 of the specification).</summary>
/// <param name="Name">Its name; several sections may have the same.</param>
/// <param name="Content">Its bytes.</param>
public readonly record struct ModuleSection(string Name, ReadOnlyMemory<byte> Content);
