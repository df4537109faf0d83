namespace Anneal.Templates;

/// <summary>A source operand of an instruction: a slot, or a constant that the instruction carries.</summary>
internal readonly struct Source
{
    private readonly long value;

    private Source(long value, bool isConstant)
    {
        this.value = value;
        IsConstant = isConstant;
    }

    public bool IsConstant { get; }

    /// <summary>The slot's number.</summary>
    public int Index => (int)value;

    /// <summary>The constant, sign-extended.</summary>
    public long Value => value;

    public static Source Slot(int slot) => new(slot, isConstant: false);

    public static Source Constant(long value) => new(value, isConstant: true);
}
