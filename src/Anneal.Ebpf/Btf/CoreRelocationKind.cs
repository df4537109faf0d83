namespace Anneal.Ebpf.Btf;

/// <summary>What of a type, field or enumeration constant an instruction holds, and the loader is to adjust.</summary>
internal enum CoreRelocationKind
{
    FieldByteOffset = 0,
    FieldByteSize = 1,
    FieldExists = 2,
    FieldSigned = 3,
    FieldLeftShift = 4,
    FieldRightShift = 5,
    TypeIdLocal = 6,
    TypeIdTarget = 7,
    TypeExists = 8,
    TypeSize = 9,
    EnumeratorExists = 10,
    EnumeratorValue = 11,
    TypeMatches = 12,
}
