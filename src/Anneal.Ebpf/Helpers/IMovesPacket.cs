namespace Anneal.Ebpf.Helpers;

/// <summary>Marks helpers that move a packet's ends: programs that call one run over a copy with room.</summary>
internal interface IMovesPacket;
