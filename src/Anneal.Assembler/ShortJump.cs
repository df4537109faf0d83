namespace Anneal.Assembler;

/// <summary>
/// A two-byte forward jump whose target isn't known yet: the offset of its displacement byte. For the small skips inside a
/// template, whose length the author knows to be below 128 bytes; a <see cref="Label"/> is for everything else.
/// </summary>
internal readonly record struct ShortJump(int Field);
