namespace Anneal.Ebpf.Btf;

/// <summary>One BTF type: its kind, name, size or referred type, and where what belongs to it is in the data.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The name, or empty.</param>
/// <param name="Count">How many members, parameters or variables follow.</param>
/// <param name="SizeOrType">The size in bytes, or the number of the type referred to.</param>
/// <param name="Data">Where what follows starts, in the type data.</param>
/// <param name="KindFlag">Structures: members have bit field sizes; enumerations: constants are signed; forward declarations: of a union.</param>
internal readonly record struct BtfType(BtfKind Kind, string Name, int Count, uint SizeOrType, int Data, bool KindFlag)
{
    public bool IsComposite => Kind is BtfKind.Struct or BtfKind.Union;

    public bool IsEnumeration => Kind is BtfKind.Enum or BtfKind.Enum64;
}
