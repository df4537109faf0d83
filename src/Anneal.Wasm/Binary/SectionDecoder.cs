// One method a section; each reads its payload to the end (the caller checks that it did) and fills the module's arrays.
// Index spaces start with imports, so the sections that define entities append to what the import section left.

using System.Runtime.InteropServices;
using Anneal.Runtime;

namespace Anneal.Wasm.Binary;

/// <summary>Decodes the sections of one module, in their order.</summary>
internal sealed partial class SectionDecoder(ModuleDefinition module, TypeRegistry registry)
{
    private const byte RecursionGroup = 0x4E;
    private const byte FinalSubtype = 0x4F;

    private readonly List<int> referencedFunctions = [];
    private readonly ValueList<CustomSection> customSections = new();
    private bool hasCode;

    /// <summary>Decodes the payload of the section <paramref name="id"/>.</summary>
    public void Decode(byte id, ref WasmReader reader)
    {
        switch (id)
        {
            case 0: DecodeCustom(ref reader); break;
            case 1: DecodeTypes(ref reader); break;
            case 2: DecodeImports(ref reader); break;
            case 3: DecodeFunctions(ref reader); break;
            case 4: DecodeTables(ref reader); break;
            case 5: DecodeMemories(ref reader); break;
            case 6: DecodeGlobals(ref reader); break;
            case 7: DecodeExports(ref reader); break;
            case 8: DecodeStart(ref reader); break;
            case 9: DecodeElements(ref reader); break;
            case 10: DecodeCode(ref reader); break;
            case 11: DecodeData(ref reader); break;
            case 12: module.DataCount = reader.ReadUnsigned32(); break;
            default: DecodeTags(ref reader); break;
        }
    }

    /// <summary>Checks what only the whole module shows.</summary>
    public void Finish(int end)
    {
        if (!hasCode && module.Functions.Length > module.ImportedFunctionCount)
            throw new MalformedModuleException("function and code section have inconsistent lengths", end);
        if (module.DataCount >= 0 && module.DataCount != module.Datas.Length)
            throw new MalformedModuleException("data count and data section have inconsistent lengths", end);

        module.CustomSections = customSections.ToArray();
        module.DeclaredFunctionReferences = new bool[module.Functions.Length];
        foreach (int index in referencedFunctions)
        {
            if ((uint)index < (uint)module.Functions.Length) module.DeclaredFunctionReferences[index] = true;
        }
    }

    private static T[] Append<T>(T[] imports, int count)
    {
        if (count == 0) return imports;
        var all = new T[imports.Length + count];
        Array.Copy(imports, all, imports.Length);
        return all;
    }

    private void DecodeCustom(ref WasmReader reader)
    {
        string name = reader.ReadName();
        customSections.Add(new CustomSection(name, reader.Position, reader.Remaining));
        reader.Skip((uint)reader.Remaining);
    }

    private void DecodeTypes(ref WasmReader reader)
    {
        // A recursion group may define no type at all, so entries of the vector and types are counted apart.
        int groups = reader.ReadCount(2, ModuleLimits.Types, "types");
        var types = new List<FunctionType>(groups);
        for (int i = 0; i < groups; i++)
        {
            int at = reader.Position;
            if (reader.PeekByte() == RecursionGroup)
            {
                reader.ReadByte();
                uint members = reader.ReadUnsigned32();
                if (members > 1) throw new UnsupportedFeatureException(Features.Gc, at);
                if (members == 0) continue;
            }

            reader.Types = CollectionsMarshal.AsSpan(types);
            reader.SelfIndex = types.Count;
            types.Add(DecodeType(ref reader));
        }

        module.Types = [.. types];
    }

    private FunctionType DecodeType(ref WasmReader reader)
    {
        int at = reader.Position;
        byte form = reader.ReadByte();
        if (form == FinalSubtype)
        {
            // "Final, of no supertypes" is what a plain type abbreviates.
            if (reader.ReadUnsigned32() != 0) throw new UnsupportedFeatureException(Features.Gc, at);
            form = reader.ReadByte();
        }

        switch (form)
        {
            case 0x60: break;
            case 0x50 or 0x5E or 0x5F: throw new UnsupportedFeatureException(Features.Gc, at);
            default: throw new MalformedModuleException($"malformed type form {form:x2}", at);
        }

        ValueType[] parameters = DecodeValueTypes(ref reader, ModuleLimits.Parameters, "parameters");
        ValueType[] results = DecodeValueTypes(ref reader, ModuleLimits.Results, "results");
        return registry.Intern(parameters, results);
    }

    private static ValueType[] DecodeValueTypes(ref WasmReader reader, int limit, string what)
    {
        int count = reader.ReadCount(1, limit, what);
        if (count == 0) return EmptyArray<ValueType>.Value;
        var types = new ValueType[count];
        for (int i = 0; i < count; i++) types[i] = reader.ReadValueType();
        return types;
    }

    private void DecodeImports(ref WasmReader reader)
    {
        int count = reader.ReadCount(4, ModuleLimits.Imports, "imports");
        var imports = new ImportDefinition[count];
        List<FunctionType> functions = [], tags = [];
        var tables = new ValueList<TableDefinition>();
        var memories = new ValueList<MemoryType>();
        var globals = new ValueList<GlobalDefinition>();
        for (int i = 0; i < count; i++)
        {
            int at = reader.Position;
            string from = reader.ReadName();
            string name = reader.ReadName();
            int index;
            byte kind = reader.ReadByte();
            switch (kind)
            {
                case (byte)ExternalKind.Function:
                    index = functions.Count;
                    functions.Add(reader.ReadTypeIndex());
                    break;
                case (byte)ExternalKind.Table:
                    index = tables.Count;
                    if (index >= ModuleLimits.Tables) throw new InvalidModuleException($"more than {ModuleLimits.Tables} tables", at);
                    tables.Add(new TableDefinition(DecodeTableType(ref reader), default));
                    break;
                case (byte)ExternalKind.Memory:
                    index = memories.Count;
                    if (index >= ModuleLimits.Memories) throw new InvalidModuleException($"more than {ModuleLimits.Memories} memories", at);
                    memories.Add(DecodeMemoryType(ref reader));
                    break;
                case (byte)ExternalKind.Global:
                    index = globals.Count;
                    globals.Add(new GlobalDefinition(DecodeGlobalType(ref reader), default));
                    break;
                case (byte)ExternalKind.Tag:
                    index = tags.Count;
                    tags.Add(DecodeTag(ref reader));
                    break;
                default:
                    throw new MalformedModuleException("malformed import kind", reader.Position - 1);
            }

            imports[i] = new ImportDefinition(from, name, (ExternalKind)kind, index, at);
        }

        module.Imports = imports;
        module.Functions = [.. functions];
        module.Tables = tables.ToArray();
        module.Memories = memories.ToArray();
        module.Globals = globals.ToArray();
        module.Tags = [.. tags];
        module.ImportedFunctionCount = functions.Count;
        module.ImportedTableCount = tables.Count;
        module.ImportedMemoryCount = memories.Count;
        module.ImportedGlobalCount = globals.Count;
        module.ImportedTagCount = tags.Count;
    }

    private void DecodeFunctions(ref WasmReader reader)
    {
        int count = reader.ReadCount(1, ModuleLimits.Functions, "functions");
        module.Functions = Append(module.Functions, count);
        for (int i = 0; i < count; i++) module.Functions[module.ImportedFunctionCount + i] = reader.ReadTypeIndex();
    }

    private void DecodeTables(ref WasmReader reader)
    {
        int count = reader.ReadCount(3, ModuleLimits.Tables - module.Tables.Length, "tables");
        module.Tables = Append(module.Tables, count);
        for (int i = 0; i < count; i++)
        {
            bool hasInitializer = reader.PeekByte() == 0x40;
            if (hasInitializer)
            {
                reader.ReadByte();
                if (reader.ReadByte() != 0) throw new MalformedModuleException("zero byte expected", reader.Position - 1);
            }

            TableType type = DecodeTableType(ref reader);
            module.Tables[module.ImportedTableCount + i] = new TableDefinition(type, hasInitializer ? DecodeExpression(ref reader) : default);
        }
    }

    private void DecodeMemories(ref WasmReader reader)
    {
        int count = reader.ReadCount(2, ModuleLimits.Memories - module.Memories.Length, "memories");
        module.Memories = Append(module.Memories, count);
        for (int i = 0; i < count; i++) module.Memories[module.ImportedMemoryCount + i] = DecodeMemoryType(ref reader);
    }

    private void DecodeTags(ref WasmReader reader)
    {
        int count = reader.ReadCount(2, ModuleLimits.Tags, "tags");
        module.Tags = Append(module.Tags, count);
        for (int i = 0; i < count; i++) module.Tags[module.ImportedTagCount + i] = DecodeTag(ref reader);
    }

    private void DecodeGlobals(ref WasmReader reader)
    {
        int count = reader.ReadCount(3, ModuleLimits.Globals, "globals");
        module.Globals = Append(module.Globals, count);
        for (int i = 0; i < count; i++)
        {
            GlobalType type = DecodeGlobalType(ref reader);
            module.Globals[module.ImportedGlobalCount + i] = new GlobalDefinition(type, DecodeExpression(ref reader));
        }
    }

    private void DecodeExports(ref WasmReader reader)
    {
        int count = reader.ReadCount(3, ModuleLimits.Exports, "exports");
        module.Exports = new ExportDefinition[count];
        for (int i = 0; i < count; i++)
        {
            string name = reader.ReadName();
            byte kind = reader.ReadByte();
            if (kind > (byte)ExternalKind.Tag)
                throw new MalformedModuleException("malformed export kind", reader.Position - 1);
            int index = (int)reader.ReadUnsigned32();
            module.Exports[i] = new ExportDefinition(name, (ExternalKind)kind, index);
            if (kind == (byte)ExternalKind.Function) referencedFunctions.Add(index);
        }
    }

    private void DecodeStart(ref WasmReader reader)
    {
        int at = reader.Position;
        uint index = reader.ReadUnsigned32();

        // -1 says that there is none, so an index that would collide is refused here; the validator refuses the others.
        if (index >= (uint)module.Functions.Length) throw new InvalidModuleException($"unknown function {index}", at);
        module.StartFunction = (int)index;
    }

    private void DecodeCode(ref WasmReader reader)
    {
        hasCode = true;
        int count = reader.ReadCount(2, ModuleLimits.Functions, "functions");
        if (count != module.Functions.Length - module.ImportedFunctionCount)
            throw new MalformedModuleException("function and code section have inconsistent lengths", reader.Position);
        module.Codes = new FunctionCode[count];
        for (int i = 0; i < count; i++)
        {
            int at = reader.Position;
            uint size = reader.ReadUnsigned32();
            int start = reader.Position;
            reader.Skip(size);
            if (size > ModuleLimits.BodyBytes)
                throw new InvalidModuleException($"function body of more than {ModuleLimits.BodyBytes} bytes", at);
            module.Codes[i] = new FunctionCode { Start = start, End = reader.Position };
        }
    }
}
