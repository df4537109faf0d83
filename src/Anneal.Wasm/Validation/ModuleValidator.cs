// Validation of a decoded module (section 3.5): everything outside function bodies here, in order of the sections, then
// the bodies through FunctionValidator, on several threads if there is enough code. Every module passes here before
// anything else looks at it; lowering and the tiers rely on what is checked and check none of it again.

using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Validation;

/// <summary>Validates modules.</summary>
internal static class ModuleValidator
{
    private const int TableSection = 4;
    private const int MemorySection = 5;
    private const int ExportSection = 7;
    private const int StartSection = 8;
    private const int ElementSection = 9;
    private const int DataSection = 11;
    private const int TagSection = 13;
    private const int ImportSection = 2;

    /// <summary>
    /// Checks a module and completes its <see cref="FunctionCode"/>s. The first fault in the order of checking is the one
    /// reported, however many threads look for it.
    /// </summary>
    /// <exception cref="InvalidModuleException">The module is invalid.</exception>
    /// <exception cref="MalformedModuleException">A function body is malformed.</exception>
    /// <exception cref="UnsupportedFeatureException">A function body uses a feature that the engine lacks.</exception>
    public static void Validate(ModuleDefinition module, ValidationOptions options)
    {
        var expressions = new ConstantExpressionValidator(module);
        ValidateTables(module, ref expressions);
        ValidateMemories(module);
        ValidateTags(module);
        ValidateGlobals(module, ref expressions);
        ValidateExports(module);
        ValidateStart(module);
        ValidateElements(module, ref expressions);
        ValidateDatas(module, ref expressions);
        ValidateFunctions(module, options);
    }

    private static void ValidateTables(ModuleDefinition module, ref ConstantExpressionValidator expressions)
    {
        for (int i = 0; i < module.Tables.Length; i++)
        {
            TableDefinition table = module.Tables[i];
            int at = OffsetOf(module, i < module.ImportedTableCount ? ImportSection : TableSection);
            CheckLimits(table.Type.Limits, uint.MaxValue, "table size", at);
            if (!table.Initializer.IsNone) expressions.Validate(table.Initializer, table.Type.Element, module.ImportedGlobalCount);
            else if (i >= module.ImportedTableCount && !table.Type.Element.IsDefaultable)
                throw new InvalidModuleException($"type mismatch: table {i} of non-nullable references has no initializer", at);
        }
    }

    private static void ValidateMemories(ModuleDefinition module)
    {
        for (int i = 0; i < module.Memories.Length; i++)
        {
            int at = OffsetOf(module, i < module.ImportedMemoryCount ? ImportSection : MemorySection);
            CheckLimits(module.Memories[i].Limits, MemoryType.MaxPages, "memory size in pages of 64 KiB", at);
        }
    }

    private static void CheckLimits(Limits limits, ulong most, string what, int at)
    {
        if (limits.Minimum > most || limits.Maximum > most) throw new InvalidModuleException($"{what} must be at most {most}", at);
        if (limits.Minimum > limits.Maximum) throw new InvalidModuleException("size minimum must not be greater than maximum", at);
    }

    private static void ValidateTags(ModuleDefinition module)
    {
        for (int i = 0; i < module.Tags.Length; i++)
        {
            if (module.Tags[i].Results.IsEmpty) continue;
            int at = OffsetOf(module, i < module.ImportedTagCount ? ImportSection : TagSection);
            throw new InvalidModuleException("non-empty tag result type", at);
        }
    }

    private static void ValidateGlobals(ModuleDefinition module, ref ConstantExpressionValidator expressions)
    {
        for (int i = module.ImportedGlobalCount; i < module.Globals.Length; i++)
        {
            GlobalDefinition global = module.Globals[i];
            expressions.Validate(global.Initializer, global.Type.Content, visibleGlobals: i);
        }
    }

    private static void ValidateExports(ModuleDefinition module)
    {
        int at = OffsetOf(module, ExportSection);
        var names = new HashSet<string>(module.Exports.Length, StringComparer.Ordinal);
        foreach (ExportDefinition export in module.Exports)
        {
            (string what, int count) = export.Kind switch
            {
                ExternalKind.Function => ("function", module.Functions.Length),
                ExternalKind.Table => ("table", module.Tables.Length),
                ExternalKind.Memory => ("memory", module.Memories.Length),
                ExternalKind.Global => ("global", module.Globals.Length),
                _ => ("tag", module.Tags.Length),
            };
            if ((uint)export.Index >= (uint)count) throw new InvalidModuleException($"unknown {what} {(uint)export.Index}", at);
            if (!names.Add(export.Name)) throw new InvalidModuleException($"duplicate export name \"{export.Name}\"", at);
        }
    }

    private static void ValidateStart(ModuleDefinition module)
    {
        if (module.StartFunction < 0) return;
        FunctionType type = module.Functions[module.StartFunction];
        if (!type.Parameters.IsEmpty || !type.Results.IsEmpty)
            throw new InvalidModuleException($"start function of type {type}", OffsetOf(module, StartSection));
    }

    private static void ValidateElements(ModuleDefinition module, ref ConstantExpressionValidator expressions)
    {
        int at = OffsetOf(module, ElementSection);
        foreach (ElementSegment segment in module.Elements)
        {
            if (segment.Mode == SegmentMode.Active)
            {
                if ((uint)segment.Table >= (uint)module.Tables.Length)
                    throw new InvalidModuleException($"unknown table {(uint)segment.Table}", at);
                ValueType element = module.Tables[segment.Table].Type.Element;
                if (!Subtyping.Matches(segment.Type, element))
                    throw new InvalidModuleException($"type mismatch: elements of {segment.Type} for a table of {element}", segment.Offset.Start);
                expressions.Validate(segment.Offset, ValueType.I32, module.Globals.Length);
            }

            foreach (int index in segment.Functions ?? [])
            {
                if ((uint)index >= (uint)module.Functions.Length) throw new InvalidModuleException($"unknown function {(uint)index}", at);
            }

            if (segment.Expressions is null) continue;
            foreach (ConstantExpression expression in segment.Expressions)
                expressions.Validate(expression, segment.Type, module.Globals.Length);
        }
    }

    private static void ValidateDatas(ModuleDefinition module, ref ConstantExpressionValidator expressions)
    {
        foreach (DataSegment segment in module.Datas)
        {
            if (segment.Mode != SegmentMode.Active) continue;
            if ((uint)segment.Memory >= (uint)module.Memories.Length)
                throw new InvalidModuleException($"unknown memory {(uint)segment.Memory}", OffsetOf(module, DataSection));
            expressions.Validate(segment.Offset, ValueType.I32, module.Globals.Length);
        }
    }

    private static unsafe void ValidateFunctions(ModuleDefinition module, ValidationOptions options)
    {
        FunctionCode[] codes = module.Codes;
        if (codes.Length == 0) return;
        using System.Buffers.MemoryHandle pin = module.Bytes.Pin();
        byte* bytes = (byte*)pin.Pointer;
        int threads = options.MaxDegreeOfParallelism > 0 ? options.MaxDegreeOfParallelism : Environment.ProcessorCount;
        if (threads == 1 || codes[^1].End - codes[0].Start < options.ParallelThresholdBytes)
        {
            var validator = new FunctionValidator(module, bytes, options);
            for (int i = 0; i < codes.Length; i++) codes[i].CallSiteCount = validator.Validate(i);
        }
        else
        {
            new ParallelFunctionValidation(module, bytes, options).Run(threads);
        }

        int sites = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i].FirstCallSite = sites;
            sites += codes[i].CallSiteCount;
        }
    }

    private static int OffsetOf(ModuleDefinition module, int section) => module.SectionOffsets[section];
}
