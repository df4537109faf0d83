// One row of the opcode table as the generator sees it. Plain values with structural equality, so that the incremental
// pipeline can tell that nothing changed.


namespace Anneal.OpGenerator;

internal sealed record OpRow(string Name, int Value, string Mnemonic, string Operands, int Effects, int? VariantOf, int Width)
{
    // The effects that decide what is generated; the numbers of Anneal.Bytecode.Effects.
    private const int Pure = 1, ReadsMemory = 4, WritesMemory = 8, Traps = 16, Calls = 32, EndsBlock = 64;

    /// <summary>The operands, split into role and type.</summary>
    public Operand[] Parsed() =>
        [.. Operands.Split([' '], StringSplitOptions.RemoveEmptyEntries).Select(token => Operand.Parse(token, DefaultType))];

    private string DefaultType
    {
        get
        {
            string name = Mnemonic.StartsWith("br.", StringComparison.Ordinal) ? Mnemonic.Substring(3) : Mnemonic;
            int dot = name.IndexOf('.');
            string head = dot < 0 ? "" : name.Substring(0, dot);
            return head is "i32" or "i64" or "f32" or "f64" ? head : "any";
        }
    }

    private bool IsTyped => Mnemonic.Length > 4 && Mnemonic[3] == '.' && Mnemonic[0] is 'i' or 'f' && char.IsDigit(Mnemonic[1]);

    /// <summary>A load or store: its meaning is a function of an address.</summary>
    public bool IsAccess => Width != 0;

    /// <summary>Computes a value from values alone (it may trap): its meaning is a function in Semantics.</summary>
    public bool IsValueOp => IsTyped && !IsAccess && (Effects & (ReadsMemory | WritesMemory | Calls | EndsBlock)) == 0
        && (Effects & (Pure | Traps)) != 0;

    /// <summary>A branch that is taken when a compare of Semantics holds.</summary>
    public bool IsCompareBranch => (Effects & EndsBlock) != 0 && Mnemonic.StartsWith("br.", StringComparison.Ordinal);
}
