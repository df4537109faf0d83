// Values in scripts: arguments, and what results are expected to be.

using System.Buffers.Binary;

namespace Anneal.Wasm.Text;

internal enum WastValueKind : byte
{
    I32,
    I64,
    F32,
    F64,
    V128,
    /// <summary>`ref.null`, with or without a heap type.</summary>
    RefNull,
    /// <summary>`ref.extern n`: a host reference that is known by its number.</summary>
    RefExtern,
    /// <summary>`ref.host n`: the same as an internal reference (`anyref`).</summary>
    RefHost,
    /// <summary>`ref.func`, as are the next ones: any reference of that kind that is not null.</summary>
    RefFunc,
    RefAny,
    RefEq,
    RefI31,
    RefStruct,
    RefArray,
    RefExn,
}

/// <summary>
/// An argument. Numbers and floats are in <paramref name="Low"/>, zero-extended; vectors in both halves, the first lane
/// lowest; references by their number in <paramref name="Low"/>; a null reference may carry its heap type as written.
/// </summary>
internal sealed record WastValue(WastValueKind Kind, ulong Low, ulong High, string? HeapType);

/// <summary>What a result should be.</summary>
internal abstract record WastExpected
{
    /// <summary>Whether a number or vector of the expected type, given by its bits, will do; false for references.</summary>
    public abstract bool MatchesBits(ulong low, ulong high);
}

/// <summary>A number or float, exact to the bit.</summary>
internal sealed record WastExpectedNumber(WastValueKind Kind, ulong Bits) : WastExpected
{
    public override bool MatchesBits(ulong low, ulong high) => low == Bits;
}

/// <summary>A NaN: canonical (only the quiet bit, any sign) or arithmetic (the quiet bit at least).</summary>
internal sealed record WastExpectedNan(WastValueKind Kind, bool Canonical) : WastExpected
{
    public override bool MatchesBits(ulong low, ulong high)
    {
        ulong quiet = Kind == WastValueKind.F32 ? 0x7FC0_0000u : 0x7FF8_0000_0000_0000u;
        ulong sign = Kind == WastValueKind.F32 ? 0x8000_0000u : 0x8000_0000_0000_0000u;
        return Canonical ? (low & ~sign) == quiet : (low & quiet) == quiet;
    }
}

/// <summary>A vector, lane by lane.</summary>
internal sealed record WastExpectedVector(WatVectorShape Shape, IReadOnlyList<WastExpected> Lanes) : WastExpected
{
    public override bool MatchesBits(ulong low, ulong high)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], high);
        int size = Shape.LaneSize();
        for (int lane = 0; lane < Lanes.Count; lane++)
        {
            ulong bits = 0;
            for (int i = size - 1; i >= 0; i--)
                bits = bits << 8 | bytes[lane * size + i];
            if (!Lanes[lane].MatchesBits(bits, 0))
                return false;
        }
        return true;
    }
}

/// <summary>A reference of a kind; with a number for host references, perhaps with a heap type for null.</summary>
internal sealed record WastExpectedReference(WastValueKind Kind, ulong? Number, string? HeapType) : WastExpected
{
    public override bool MatchesBits(ulong low, ulong high) => false;
}

/// <summary>Any of several, where the specification leaves a choice.</summary>
internal sealed record WastExpectedEither(IReadOnlyList<WastExpected> Options) : WastExpected
{
    public override bool MatchesBits(ulong low, ulong high)
    {
        foreach (WastExpected option in Options)
        {
            if (option.MatchesBits(low, high))
                return true;
        }
        return false;
    }
}
