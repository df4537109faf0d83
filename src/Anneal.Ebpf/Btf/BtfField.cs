namespace Anneal.Ebpf.Btf;

/// <summary>A member of a structure: name (empty if it has none), type, offset in bits, width in bits if it's a bit field (else 0).</summary>
internal readonly record struct BtfField(string Name, int Type, uint BitOffset, int BitSize);
