namespace Anneal.Wasm.Binary;

/// <summary>A row of the table of instructions.</summary>
/// <param name="Opcode">The instruction.</param>
/// <param name="Mnemonic">Its name in the text format.</param>
/// <param name="Immediate">What follows the opcode in the bytes.</param>
/// <param name="Operands">
/// The operand types, deepest first, a letter each (<see cref="WasmOpcodes.TypeOf"/>); null if they depend on context.
/// </param>
/// <param name="Results">The result types; null exactly if <paramref name="Operands"/> is.</param>
/// <param name="AccessSize">The bytes that a load or store touches; else zero.</param>
internal sealed record OpcodeInfo(
    WasmOpcode Opcode,
    string Mnemonic,
    ImmediateKind Immediate = ImmediateKind.None,
    string? Operands = null,
    string? Results = null,
    int AccessSize = 0);
