namespace Anneal.Ebpf.Btf;

/// <summary>A map's definition and where in its section it stands.</summary>
/// <param name="Definition">The definition.</param>
/// <param name="Offset">The variable's offset.</param>
/// <param name="Values">The offset of its initial values; -1 if it can have none.</param>
internal sealed record PlacedMap(MapDefinition Definition, long Offset, long Values);
