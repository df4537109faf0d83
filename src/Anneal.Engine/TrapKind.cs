namespace Anneal;

/// <summary>Why guest code trapped.</summary>
public enum TrapKind
{
    /// <summary>The guest executed an instruction that says "never here".</summary>
    Unreachable = 0,

    /// <summary>An access outside a linear memory.</summary>
    MemoryOutOfBounds = 1,

    /// <summary>An access outside a table.</summary>
    TableOutOfBounds = 2,

    /// <summary>An indirect call through a null table element.</summary>
    IndirectCallToNull = 3,

    /// <summary>An indirect call of a function that has another type than the call site expects.</summary>
    IndirectCallTypeMismatch = 4,

    /// <summary>An integer operation whose result can't be represented.</summary>
    IntegerOverflow = 5,

    /// <summary>An integer division or remainder by zero.</summary>
    IntegerDivideByZero = 6,

    /// <summary>A float that is no number, or out of range, converted to an integer.</summary>
    InvalidConversionToInteger = 7,

    /// <summary>The guest's call stack is used up.</summary>
    StackExhausted = 8,

    /// <summary>A null reference where the guest asserted that there's none.</summary>
    NullReference = 9,

    /// <summary>An atomic access at an address that isn't a multiple of its size.</summary>
    UnalignedAtomic = 10,

    /// <summary>The fuel given to the guest is used up.</summary>
    OutOfFuel = 11,
}
