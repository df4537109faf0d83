namespace Anneal.Wasm.Validation;

/// <summary>The subtype relation of value types (section 3.3 of the specification).</summary>
internal static class Subtyping
{
    /// <summary>
    /// The heap type below all others, which has no notation: what <c>ref.as_non_null</c> makes of an operand of
    /// unreachable code is a reference, but to anything.
    /// </summary>
    internal const HeapKind BottomHeap = 0;

    /// <summary>Whether a value of type <paramref name="sub"/> can stand where <paramref name="super"/> is demanded.</summary>
    public static bool Matches(ValueType sub, ValueType super)
    {
        if (sub.Bits == super.Bits || sub == ValueType.Bottom) return true;
        if (!sub.IsReference || !super.IsReference || (sub.IsNullable && !super.IsNullable)) return false;
        if (sub.AsNullable == super.AsNullable) return true;
        if (sub.IsConcrete) return !super.IsConcrete && super.Heap == HeapKind.Func;
        return sub.Heap switch
        {
            BottomHeap => true,
            HeapKind.NoFunc => super.IsConcrete || super.Heap == HeapKind.Func,
            HeapKind.NoExtern => !super.IsConcrete && super.Heap == HeapKind.Extern,
            _ => false,
        };
    }

    /// <summary>Whether each type of one sequence matches its counterpart in the other, and there are as many.</summary>
    public static bool Matches(ReadOnlySpan<ValueType> sub, ReadOnlySpan<ValueType> super)
    {
        if (sub.Length != super.Length) return false;
        for (int i = 0; i < sub.Length; i++)
        {
            if (!Matches(sub[i], super[i])) return false;
        }

        return true;
    }
}
