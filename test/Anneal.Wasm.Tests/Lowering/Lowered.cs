// From text to bytecode: encodes, decodes, validates and lowers a module, and checks every body on the way.

using System.Text;
using Anneal.Bytecode;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Lowering;
using Anneal.Wasm.Text;
using Anneal.Wasm.Validation;

namespace Anneal.Wasm.Tests.Lowering;

internal sealed class Lowered
{
    private Lowered(ModuleDefinition module, FunctionBody[] bodies)
    {
        Module = module;
        Bodies = bodies;
    }

    public ModuleDefinition Module { get; }

    public FunctionBody[] Bodies { get; }

    /// <summary>The module's bodies, of a module in the text format.</summary>
    public static Lowered FromText(string text, LoweringOptions? options = null) => FromBytes(WatEncoder.Encode(Encoding.UTF8.GetBytes(text)), options);

    public static Lowered FromBytes(ReadOnlyMemory<byte> bytes, LoweringOptions? options = null)
    {
        var types = new TypeRegistry();
        ModuleDefinition module = ModuleDecoder.Decode(bytes, types);
        ModuleValidator.Validate(module, new ValidationOptions());
        return FromModule(module, types, options);
    }

    public static Lowered FromModule(ModuleDefinition module, TypeRegistry types, LoweringOptions? options = null)
    {
        var lowering = new FunctionLowering(options ?? LoweringOptions.Default);
        var bodies = new FunctionBody[module.Codes.Length];
        for (int i = 0; i < bodies.Length; i++)
        {
            bodies[i] = lowering.Lower(module, i);
            BodyChecker.Check(bodies[i], module, types);
            BytecodeChecker.Check(bodies[i]);
        }

        return new Lowered(module, bodies);
    }

    /// <summary>The listing of the last function of a module given by its fields.</summary>
    public static string Listing(string fields) => BytecodeListing.Of(FromText($"(module {fields})").Bodies[^1]);
}
