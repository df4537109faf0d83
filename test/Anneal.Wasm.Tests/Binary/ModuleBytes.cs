// Hand-made modules for the tests of decoding and validation: sections and bodies as bytes, with the sizes filled in. It
// knows nothing of the decoder's tables, so that the two can't share a mistake.

using Anneal.Wasm.Binary;
using Anneal.Wasm.Validation;

namespace Anneal.Wasm.Tests.Binary;

/// <summary>Builds a module section by section.</summary>
internal sealed class ModuleBytes
{
    private readonly List<byte> bytes = [0x00, 0x61, 0x73, 0x6D, 1, 0, 0, 0];

    public static byte[] Leb(ulong value)
    {
        var bytes = new List<byte>();
        do
        {
            byte low = (byte)(value & 0x7F);
            value >>= 7;
            bytes.Add(value == 0 ? low : (byte)(low | 0x80));
        }
        while (value != 0);
        return [.. bytes];
    }

    /// <summary>A vector of elements that are given as bytes.</summary>
    public static byte[] Vector(params byte[][] elements) => [.. Leb((ulong)elements.Length), .. elements.SelectMany(static e => e)];

    /// <summary>Bytes with their length before them: a name, a body, a payload.</summary>
    public static byte[] Sized(params byte[] content) => [.. Leb((ulong)content.Length), .. content];

    public static byte[] Name(string name) => Sized(System.Text.Encoding.UTF8.GetBytes(name));

    /// <summary>The module with one function of type <c>[parameters] -> [results]</c>, a memory and a table of functions.</summary>
    public static byte[] Function(byte[] parameters, byte[] results, params byte[] body) => new ModuleBytes()
        .Section(1, Vector([0x60, .. Sized(parameters), .. Sized(results)]))
        .Section(3, Vector([0]))
        .Section(4, Vector([0x70, 0, 1]))
        .Section(5, Vector([0, 1]))
        .Section(10, Vector(Sized([0, .. body, 0x0B])))
        .ToArray();

    public ModuleBytes Section(byte id, params byte[] payload)
    {
        bytes.Add(id);
        bytes.AddRange(Sized(payload));
        return this;
    }

    public ModuleBytes Raw(params byte[] raw)
    {
        bytes.AddRange(raw);
        return this;
    }

    public byte[] ToArray() => [.. bytes];

    /// <summary>Decodes and validates.</summary>
    public static ModuleDefinition Load(byte[] module)
    {
        ModuleDefinition definition = ModuleDecoder.Decode(module, new TypeRegistry());
        ModuleValidator.Validate(definition, new ValidationOptions());
        return definition;
    }
}
