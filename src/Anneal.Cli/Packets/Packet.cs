namespace Anneal.Cli.Packets;

/// <summary>A packet of a capture.</summary>
/// <param name="Seconds">When it was captured, since 1970.</param>
/// <param name="Fraction">Micro- or nanoseconds, as its capture has them.</param>
/// <param name="OriginalLength">Its length on the wire, which may be more than was captured.</param>
/// <param name="Data">What was captured of it.</param>
internal readonly record struct Packet(uint Seconds, uint Fraction, uint OriginalLength, byte[] Data);
