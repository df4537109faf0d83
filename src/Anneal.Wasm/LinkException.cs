namespace Anneal.Wasm;

/// <summary>A module's import can't be satisfied: nothing of its name is defined, or what is defined has another type.</summary>
public sealed class LinkException : WasmException
{
    internal LinkException(string message, string module, string name, ExternalType expected, ExternalType? found)
        : base(message)
    {
        ImportModule = module;
        ImportName = name;
        Expected = expected;
        Found = found;
    }

    /// <summary>The first of the import's two names.</summary>
    public string ImportModule { get; }

    /// <summary>The second of the import's names.</summary>
    public string ImportName { get; }

    /// <summary>What the module demands.</summary>
    public ExternalType Expected { get; }

    /// <summary>What was found under that name; null if nothing.</summary>
    public ExternalType? Found { get; }

    internal static LinkException Unknown(ModuleImport import) => new(
        $"unknown import: {import.Module}.{import.Name} ({import.Type}) isn't defined", import.Module, import.Name, import.Type, null);

    internal static LinkException Incompatible(ModuleImport import, ExternalType found) => new(
        $"incompatible import type: {import.Module}.{import.Name} is demanded as {import.Type}, defined as {found}",
        import.Module, import.Name, import.Type, found);
}
