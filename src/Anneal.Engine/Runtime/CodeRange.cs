namespace Anneal.Runtime;

/// <summary>A piece of memory that belongs to one function: its machine code in one tier, or its predecoded stream.</summary>
internal abstract class CodeRange(WeakReference<CodeUnit> unit, int function, nint start, int length)
{
    /// <summary>The unit that the function belongs to; null once that is collected, when nothing runs the function any more.</summary>
    public CodeUnit? Unit => unit.TryGetTarget(out CodeUnit? alive) ? alive : null;

    /// <summary>The function's number in its unit.</summary>
    public int Function => function;

    public nint Start => start;

    /// <summary>Bytes, literals included.</summary>
    public int Length => length;
}
