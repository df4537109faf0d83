using System.Globalization;
using Anneal.Wasm;
using Anneal.Wasm.Binary;

namespace Anneal.Cli.Dumps;

/// <summary>The functions of a module as dumps name them: by the name section, else by an export or import.</summary>
internal sealed class FunctionNames
{
    private readonly ModuleDefinition definition;
    private readonly string?[] names;

    public FunctionNames(Module module)
    {
        definition = module.Definition;
        names = new string?[definition.Functions.Length];
        for (int i = 0; i < names.Length; i++) names[i] = module.FunctionName(i);
        foreach (ExportDefinition export in definition.Exports)
        {
            if (export.Kind == ExternalKind.Function) names[export.Index] ??= export.Name;
        }

        foreach (ImportDefinition import in definition.Imports)
        {
            if (import.Kind == ExternalKind.Function) names[import.Index] ??= $"{import.Module}.{import.Name}";
        }
    }

    /// <summary><c>function[3] &lt;gcd&gt;</c>.</summary>
    public string this[int function] => names[function] is { } name ? $"function[{function}] <{name}>" : $"function[{function}]";

    /// <summary>The function of that number or name, with or without a dollar sign; -1 if there's none.</summary>
    public int Find(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index)) return index < names.Length ? index : -1;
        string name = text.StartsWith('$') ? text[1..] : text;
        foreach (ExportDefinition export in definition.Exports)
        {
            if (export.Kind == ExternalKind.Function && export.Name == name) return export.Index;
        }

        return Array.IndexOf(names, name);
    }
}
