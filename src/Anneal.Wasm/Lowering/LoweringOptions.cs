using Anneal.Bytecode;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Lowering;

/// <summary>What the embedder decides about the bytecode that modules are lowered to.</summary>
internal sealed record LoweringOptions
{
    /// <summary>Guarded accesses to every memory.</summary>
    public static LoweringOptions Default { get; } = new();

    /// <summary>How memories are accessed, where <see cref="AddressingOf"/> isn't given.</summary>
    public AddressingMode Addressing { get; init; } = AddressingMode.Guarded;

    /// <summary>Whether the bytecode charges fuel.</summary>
    public bool Fuel { get; init; }

    /// <summary>How one memory of a module, named by its index, is accessed.</summary>
    public Func<ModuleDefinition, int, AddressingMode>? AddressingOf { get; init; }
}
