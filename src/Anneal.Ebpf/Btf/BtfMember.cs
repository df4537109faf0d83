namespace Anneal.Ebpf.Btf;

/// <summary>A member of a structure, or a variable of a data section: name, type, offset in bytes, size (of variables).</summary>
internal readonly record struct BtfMember(string Name, int Type, long Offset, long Size);
