namespace Anneal.Templates;

/// <summary>What metadata says of a place in emitted code. Values below <see cref="Call"/> are a fault's trap kinds.</summary>
internal enum SiteKind : ushort
{
    /// <summary>The return address of a call; the data is the bytecode pc of the call.</summary>
    Call = 32,

    /// <summary>As <see cref="Call"/>, of the poll at a function's entry: no instruction has been executed.</summary>
    Entry = 33,

    /// <summary>A division whose fault means division by zero or overflow; the divisor's register is in the low bits: Divide + register.</summary>
    Divide32 = 64,

    /// <summary>As <see cref="Divide32"/>, of 64-bit operands.</summary>
    Divide64 = 96,
}
