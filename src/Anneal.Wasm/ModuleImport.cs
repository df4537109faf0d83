namespace Anneal.Wasm;

/// <summary>What a module needs from outside.</summary>
/// <param name="Module">The first of the import's two names.</param>
/// <param name="Name">The second.</param>
/// <param name="Type">The type that is demanded.</param>
public readonly record struct ModuleImport(string Module, string Name, ExternalType Type);
