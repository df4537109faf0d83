
namespace Anneal.OpGenerator;

/// <summary>One operand of a row: its role (see the head of the table) and the type of the value it names.</summary>
internal readonly record struct Operand(string Role, string Type)
{
    public static Operand Parse(string token, string defaultType)
    {
        int colon = token.IndexOf(':');
        return colon < 0 ? new Operand(token, defaultType) : new Operand(token.Substring(0, colon), token.Substring(colon + 1));
    }

    public bool IsField => Role is "d" or "a" or "b" or "c" or "k" or "n" or "mem";

    public bool IsSource => Role is "a" or "b" or "c" or "cond" or "x" or "y";

    /// <summary>The number of this role in the generated OperandKind enum.</summary>
    public int KindNumber => Role switch
    {
        "d" => 1,
        "a" or "b" or "c" => 2,
        "k" => 3,
        "n" => 4,
        "mem" => 5,
        "offset" => 6,
        "imm" => 7,
        "index" => 8,
        "pair" => 9,
        "far" => 10,
        "cond" or "x" or "y" => 11,
        "target" => 12,
        "func" => 13,
        _ => throw new InvalidOperationException($"unknown operand role '{Role}' in the opcode table"),
    };

    /// <summary>The number of this type in the SlotType enum.</summary>
    public int TypeNumber => Type switch
    {
        "any" => 0,
        "i32" => 1,
        "i64" => 2,
        "f32" => 3,
        "f64" => 4,
        "address" => 5,
        _ => throw new InvalidOperationException($"unknown operand type '{Type}' in the opcode table"),
    };
}
