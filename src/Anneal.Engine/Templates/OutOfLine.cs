namespace Anneal.Templates;

/// <summary>Rarely run parts of templates that are emitted behind the function's end.</summary>
internal enum OutOfLine
{
    /// <summary>The inline cache of an indirect call missed; see Templates.EmitCacheMiss.</summary>
    CallCacheMiss,

    /// <summary>A loop header's poll found the stack limit raised.</summary>
    Poll,
}
