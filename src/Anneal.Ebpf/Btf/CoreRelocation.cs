namespace Anneal.Ebpf.Btf;

/// <summary>A CO-RE relocation: the instruction's offset in its section, the type, what in it (indices with colons between), and the kind.</summary>
internal readonly record struct CoreRelocation(long Offset, int Type, string Access, CoreRelocationKind Kind);
