namespace Anneal.Wasm;

/// <summary>What a module offers.</summary>
/// <param name="Name">The export's name, unique in its module.</param>
/// <param name="Type">Its declared type.</param>
public readonly record struct ModuleExport(string Name, ExternalType Type);
