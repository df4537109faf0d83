// Bytes to ModuleDefinition: the section grammar of section 5.5 of the specification. Checks the form, not validity, with
// two exceptions that the shape of ModuleDefinition makes: indices of types are resolved here, and the engine's limits are
// enforced here, before anything is allocated. Function bodies are only delimited; the validator reads them. Called once a
// module, by whatever makes one from bytes; ModuleValidator comes next.

namespace Anneal.Wasm.Binary;

/// <summary>Decodes the binary format.</summary>
internal static class ModuleDecoder
{
    private const uint Magic = 0x6D73_6100;

    // Each section's place in the order that the format demands, by section id; zero: no such section.
    private static ReadOnlySpan<byte> SectionRank => [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6];

    /// <summary>Decodes a module. The result keeps <paramref name="bytes"/>, which must not change any more.</summary>
    /// <exception cref="MalformedModuleException">The bytes are no module.</exception>
    /// <exception cref="InvalidModuleException">A type index is out of range, or one of <see cref="ModuleLimits"/> is exceeded.</exception>
    /// <exception cref="UnsupportedFeatureException">The module uses a type or section of a feature that the engine lacks.</exception>
    /// <exception cref="WasmException">The engine has as many distinct types as it can tell apart.</exception>
    public static ModuleDefinition Decode(ReadOnlyMemory<byte> bytes, TypeRegistry types)
    {
        if (bytes.Length > ModuleLimits.ModuleBytes)
            throw new InvalidModuleException($"more than {ModuleLimits.ModuleBytes} bytes", 0);
        var module = new ModuleDefinition { Bytes = bytes };
        ReadOnlySpan<byte> span = bytes.Span;
        var reader = new WasmReader(span, 0, span.Length, default);
        ReadHeader(ref reader);

        var sections = new SectionDecoder(module, types);
        int rank = 0;
        while (!reader.AtEnd)
        {
            int at = reader.Position;
            byte id = reader.ReadByte();
            if (id >= SectionRank.Length) throw new MalformedModuleException($"malformed section id {id}", at);
            uint size = reader.ReadUnsigned32();
            int start = reader.Position;
            reader.Skip(size);
            var payload = new WasmReader(span, start, reader.Position, module.Types);
            if (id != 0)
            {
                if (SectionRank[id] <= rank)
                    throw new MalformedModuleException("unexpected content after last section: out of order or repeated", at);
                rank = SectionRank[id];
                module.SectionOffsets[id] = start;
            }

            sections.Decode(id, ref payload);
            if (!payload.AtEnd) throw new MalformedModuleException("section size mismatch", payload.Position);
        }

        sections.Finish(span.Length);
        return module;
    }

    private static void ReadHeader(ref WasmReader reader)
    {
        if (reader.Remaining < 4) throw new MalformedModuleException("unexpected end: magic header not detected", 0);
        if (reader.ReadFloat32Bits() != Magic) throw new MalformedModuleException("magic header not detected", 0);
        if (reader.Remaining < 4) throw new MalformedModuleException("unexpected end: unknown binary version", 4);
        if (reader.ReadFloat32Bits() != 1) throw new MalformedModuleException("unknown binary version", 4);
    }
}
