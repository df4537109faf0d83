namespace Anneal.Ebpf.Verification;

/// <summary>Two-operand operations on numbers, as RFC 9669 defines them: shift amounts are masked, division by zero gives zero, the
/// remainder by zero is the dividend.</summary>
internal enum ScalarOperation : byte
{
    Add, Subtract, Multiply, Divide, Remainder, SignedDivide, SignedRemainder,
    And, Or, Xor, ShiftLeft, ShiftRight, ShiftRightArithmetic,
}

/// <summary>Conditions of jumps.</summary>
internal enum ScalarCondition : byte
{
    Equal, NotEqual, Greater, GreaterOrEqual, Less, LessOrEqual,
    SignedGreater, SignedGreaterOrEqual, SignedLess, SignedLessOrEqual,
    AnyBitSet, NoBitSet,
}
