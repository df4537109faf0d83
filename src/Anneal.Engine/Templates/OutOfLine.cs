namespace Anneal.Templates;

/// <summary>Rarely run parts of templates that are emitted behind the function's end.</summary>
internal enum OutOfLine
{
    /// <summary>The inline cache of an indirect call missed.</summary>
    CallCacheMiss,

    /// <summary>A short bulk operation turned out to be long or out of bounds.</summary>
    RareOp,

    /// <summary>A loop header's poll found the stack limit raised.</summary>
    Poll,

    /// <summary>A sectioned access missed its cell; the call operand carries a <see cref="Runtime.SectionRequest"/>.</summary>
    SectionMiss,

    /// <summary>A function's entry found the stack limit raised, or the stack used up.</summary>
    EntryPoll,

    /// <summary>A function or loop of the threaded interpreter has run often.</summary>
    Hot,

    /// <summary>A fuel op found less than it wants.</summary>
    OutOfFuel,
}
