namespace Anneal.Assembler;

internal static class ConditionExtensions
{
    /// <summary>The condition that holds exactly when this one doesn't.</summary>
    public static Condition Negate(this Condition condition) => condition ^ (Condition)1;

    /// <summary>The condition to test after a comparison with exchanged operands, to the same effect.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The condition isn't one of order or equality.</exception>
    public static Condition Exchange(this Condition condition) => condition switch
    {
        Condition.E or Condition.NE => condition,
        Condition.B => Condition.A,
        Condition.A => Condition.B,
        Condition.AE => Condition.BE,
        Condition.BE => Condition.AE,
        Condition.L => Condition.G,
        Condition.G => Condition.L,
        Condition.GE => Condition.LE,
        Condition.LE => Condition.GE,
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, "Not a condition of order or equality."),
    };
}
