namespace Anneal.Ebpf.Btf;

/// <summary>The source line of the instructions from an offset on.</summary>
internal sealed record PlacedLine(long Offset, SourceLine Line);
