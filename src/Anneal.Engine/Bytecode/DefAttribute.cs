namespace Anneal.Bytecode;

/// <summary>One row of the opcode table; read by the generator at build time.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class DefAttribute(string mnemonic, string operands, Effects effects) : Attribute
{
    public string Mnemonic { get; } = mnemonic;

    public string Operands { get; } = operands;

    public Effects Effects { get; } = effects;

    /// <summary>The op that states this one's meaning, with an operand made immediate or the result branched on.</summary>
    public Op VariantOf { get; set; }

    /// <summary>Bytes that a memory op accesses.</summary>
    public int Width { get; set; }
}
