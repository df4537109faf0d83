namespace Anneal.Ebpf.Btf;

/// <summary>Records of .BTF.ext that belong to one code section: where the first is, how many, how long each is.</summary>
internal readonly record struct BtfRecords(string Section, int Start, int Count, int Size);
