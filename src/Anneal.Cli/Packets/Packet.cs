namespace Anneal.Cli.Packets;

/// <summary>A packet of a capture.</summary>
/// <param name="Seconds">When it was captured, since 1970.</param>
/// <param name="Nanoseconds">And how much later. Damaged captures have more than a second here.</param>
/// <param name="OriginalLength">Its length on the wire, which may be more than was captured.</param>
/// <param name="Data">What was captured of it.</param>
internal sealed record Packet(uint Seconds, ulong Nanoseconds, uint OriginalLength, byte[] Data);
