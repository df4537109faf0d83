namespace Anneal.Assembler;

/// <summary>A condition on the flags, numbered as the processor encodes it.</summary>
internal enum Condition : byte
{
    /// <summary>Overflow.</summary>
    O,

    /// <summary>No overflow.</summary>
    NO,

    /// <summary>Below, unsigned; carry.</summary>
    B,

    /// <summary>Above or equal, unsigned; no carry.</summary>
    AE,

    /// <summary>Equal; zero.</summary>
    E,

    /// <summary>Not equal; not zero.</summary>
    NE,

    /// <summary>Below or equal, unsigned.</summary>
    BE,

    /// <summary>Above, unsigned.</summary>
    A,

    /// <summary>Sign set.</summary>
    S,

    /// <summary>Sign clear.</summary>
    NS,

    /// <summary>Parity even; after a float comparison: unordered.</summary>
    P,

    /// <summary>Parity odd; after a float comparison: ordered.</summary>
    NP,

    /// <summary>Less, signed.</summary>
    L,

    /// <summary>Greater or equal, signed.</summary>
    GE,

    /// <summary>Less or equal, signed.</summary>
    LE,

    /// <summary>Greater, signed.</summary>
    G,
}
