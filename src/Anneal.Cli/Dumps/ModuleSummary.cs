using Anneal.Wasm;
using Anneal.Wasm.Binary;

namespace Anneal.Cli.Dumps;

/// <summary>What a module holds, as text: a heading for each kind of thing that there is, and a line for each thing.</summary>
internal static class ModuleSummary
{
    public static void Print(Module module, TextWriter text)
    {
        ModuleDefinition definition = module.Definition;
        var names = new FunctionNames(module);
        text.WriteLine($"module {module.Name ?? "(unnamed)"}, {definition.Bytes.Length} bytes");
        Heading(text, "types", definition.Types.Length);
        for (int i = 0; i < definition.Types.Length; i++) text.WriteLine($"  type[{i}] {definition.Types[i]}");
        Heading(text, "imports", module.Imports.Count);
        foreach (ModuleImport import in module.Imports) text.WriteLine($"  {import.Module}.{import.Name}: {import.Type}");
        Heading(text, "exports", module.Exports.Count);
        for (int i = 0; i < module.Exports.Count; i++)
        {
            ExportDefinition export = definition.Exports[i];
            text.WriteLine($"  {export.Name}: {export.Kind.ToString().ToLowerInvariant()}[{export.Index}], {module.Exports[i].Type}");
        }

        Heading(text, "functions", definition.Codes.Length);
        for (int i = 0; i < definition.Codes.Length; i++)
        {
            int index = definition.ImportedFunctionCount + i;
            FunctionCode code = definition.Codes[i];
            text.WriteLine($"  {names[index]} {definition.Functions[index]}, {code.End - code.Start} bytes at 0x{code.Start:x}");
        }

        PrintOwn(definition, names, text);
        Heading(text, "custom sections", definition.CustomSections.Length);
        foreach (CustomSection section in definition.CustomSections) text.WriteLine($"  {section.Name}, {section.Length} bytes at 0x{section.Start:x}");
    }

    // What the module defines besides functions; imported ones stand under imports.
    private static void PrintOwn(ModuleDefinition definition, FunctionNames names, TextWriter text)
    {
        Heading(text, "tables", definition.Tables.Length - definition.ImportedTableCount);
        for (int i = definition.ImportedTableCount; i < definition.Tables.Length; i++)
            text.WriteLine($"  table[{i}] {new ExternalType(definition.Tables[i].Type)}");
        Heading(text, "memories", definition.Memories.Length - definition.ImportedMemoryCount);
        for (int i = definition.ImportedMemoryCount; i < definition.Memories.Length; i++)
            text.WriteLine($"  memory[{i}] {new ExternalType(definition.Memories[i])}");
        Heading(text, "globals", definition.Globals.Length - definition.ImportedGlobalCount);
        for (int i = definition.ImportedGlobalCount; i < definition.Globals.Length; i++)
            text.WriteLine($"  global[{i}] {new ExternalType(definition.Globals[i].Type)}");
        Heading(text, "tags", definition.Tags.Length - definition.ImportedTagCount);
        for (int i = definition.ImportedTagCount; i < definition.Tags.Length; i++)
            text.WriteLine($"  tag[{i}] {ExternalType.OfTag(definition.Tags[i])}");
        if (definition.StartFunction >= 0) text.WriteLine($"start: {names[definition.StartFunction]}");
        Heading(text, "element segments", definition.Elements.Length);
        for (int i = 0; i < definition.Elements.Length; i++)
        {
            ElementSegment segment = definition.Elements[i];
            string place = segment.Mode == SegmentMode.Active ? $"active in table[{segment.Table}]" : segment.Mode.ToString().ToLowerInvariant();
            text.WriteLine($"  element[{i}] {segment.Length} of {segment.Type}, {place}");
        }

        Heading(text, "data segments", definition.Datas.Length);
        for (int i = 0; i < definition.Datas.Length; i++)
        {
            DataSegment segment = definition.Datas[i];
            string place = segment.Mode == SegmentMode.Active ? $"active in memory[{segment.Memory}]" : "passive";
            text.WriteLine($"  data[{i}] {segment.Length} bytes at 0x{segment.Start:x}, {place}");
        }
    }

    private static void Heading(TextWriter text, string name, int count)
    {
        if (count > 0) text.WriteLine($"{name} ({count}):");
    }
}
