namespace Anneal.Wasm.Binary;

/// <summary>The type of a block, loop or if: nothing, one result, or a function type (section 5.4.1).</summary>
/// <param name="Function">The function type of a block that has one; else null.</param>
/// <param name="Result">The result of a block without function type; <see cref="ValueType.Bottom"/> if it has none.</param>
internal readonly record struct BlockType(FunctionType? Function, ValueType Result);

/// <summary>The immediates of a load or store.</summary>
/// <param name="AlignmentLog2">The promised alignment's logarithm.</param>
/// <param name="Memory">The memory's index.</param>
/// <param name="Offset">The constant added to the address.</param>
internal readonly record struct MemoryArgument(uint AlignmentLog2, uint Memory, ulong Offset);
