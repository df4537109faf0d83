// The type of one WebAssembly value, packed in 32 bits so that the validator's operand stack is an array of
// integers and equality is one comparison. A concrete reference type carries the engine-wide canonical id of the
// type it refers to, never a module's own index: types of two modules compare without translation.

namespace Anneal.Wasm;

/// <summary>A WebAssembly value type (section 2.3.5 of the specification): a number, vector or reference type.</summary>
public readonly struct ValueType : IEquatable<ValueType>
{
    // Bits 0..7: the binary format's type byte for number and vector types, 0x64 for every reference type, 0 for bottom.
    // References: bit 8 nullable; bits 9..15 abstract heap type byte (0 for a concrete type); bits 16..: unused for
    // abstract types; concrete: bit 15 set and the canonical id in bits 16..31 (ids beyond that are refused on interning).
    private const uint ReferenceTag = 0x64;
    private const uint NullableBit = 1u << 8;
    private const int HeapShift = 9;
    private const uint ConcreteHeap = 0x7F;

    internal readonly uint Bits;

    internal ValueType(uint bits) => Bits = bits;

    /// <summary>The largest canonical type id that a value type can refer to.</summary>
    internal const int MaxCanonicalId = 0xFFFF;

    /// <summary>The 32-bit integer type.</summary>
    public static ValueType I32 => new(0x7F);

    /// <summary>The 64-bit integer type.</summary>
    public static ValueType I64 => new(0x7E);

    /// <summary>The 32-bit float type.</summary>
    public static ValueType F32 => new(0x7D);

    /// <summary>The 64-bit float type.</summary>
    public static ValueType F64 => new(0x7C);

    /// <summary>The 128-bit vector type.</summary>
    public static ValueType V128 => new(0x7B);

    /// <summary>A nullable reference to any function.</summary>
    public static ValueType FuncRef => Reference(HeapKind.Func, nullable: true);

    /// <summary>A nullable reference to any host object.</summary>
    public static ValueType ExternRef => Reference(HeapKind.Extern, nullable: true);

    /// <summary>The type of operands in unreachable code: equal to every type for the validator.</summary>
    internal static ValueType Bottom => new(0);

    internal static ValueType Reference(HeapKind heap, bool nullable) =>
        new(ReferenceTag | (nullable ? NullableBit : 0) | ((uint)heap << HeapShift));

    internal static ValueType Concrete(int canonicalId, bool nullable) =>
        new(ReferenceTag | (nullable ? NullableBit : 0) | (ConcreteHeap << HeapShift) | ((uint)canonicalId << 16));

    /// <summary>Whether this is a reference type.</summary>
    public bool IsReference => (byte)Bits == ReferenceTag;

    /// <summary>Whether this is a reference type that admits null.</summary>
    public bool IsNullable => IsReference && (Bits & NullableBit) != 0;

    /// <summary>Whether a local of this type has a default value (section 3.2.13): all but non-nullable references.</summary>
    internal bool IsDefaultable => !IsReference || (Bits & NullableBit) != 0;

    internal bool IsConcrete => IsReference && ((Bits >> HeapShift) & 0x7F) == ConcreteHeap;

    /// <summary>The abstract heap type; meaningless for a concrete reference.</summary>
    internal HeapKind Heap => (HeapKind)((Bits >> HeapShift) & 0x7F);

    internal int CanonicalId => (int)(Bits >> 16);

    internal ValueType AsNullable => new(Bits | NullableBit);

    internal ValueType AsNonNullable => new(Bits & ~NullableBit);

    /// <summary>How many 64-bit slots a value of this type takes: two for a vector, else one.</summary>
    internal int SlotCount => (byte)Bits == 0x7B ? 2 : 1;

    /// <inheritdoc/>
    public bool Equals(ValueType other) => Bits == other.Bits;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ValueType other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Bits;

    /// <summary>Whether both are the same type.</summary>
    public static bool operator ==(ValueType left, ValueType right) => left.Bits == right.Bits;

    /// <summary>Whether the two are different types.</summary>
    public static bool operator !=(ValueType left, ValueType right) => left.Bits != right.Bits;

    /// <summary>The type in the notation of the text format; a concrete type shows its canonical id.</summary>
    public override string ToString() => (byte)Bits switch
    {
        0x7F => "i32",
        0x7E => "i64",
        0x7D => "f32",
        0x7C => "f64",
        0x7B => "v128",
        0 => "bottom",
        _ => ReferenceName(),
    };

    private string ReferenceName()
    {
        if (IsConcrete) return $"(ref {(IsNullable ? "null " : "")}#{CanonicalId})";
        string heap = Heap.ToString().ToLowerInvariant();
        return IsNullable && Heap is HeapKind.Func or HeapKind.Extern ? heap + "ref" : $"(ref {(IsNullable ? "null " : "")}{heap})";
    }
}
