namespace Anneal.Assembler;

/// <summary>
/// A place in emitted code that metadata describes (trap, call, safe point, …). The assembler only keeps the record;
/// what <paramref name="Kind"/> and <paramref name="Data"/> mean is the engine's business.
/// </summary>
internal readonly record struct Site(int Offset, ushort Kind, int Data);
