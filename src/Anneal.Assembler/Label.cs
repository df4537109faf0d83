namespace Anneal.Assembler;

/// <summary>
/// A place in a <see cref="CodeBuffer"/>, known by number from the moment it is made and by offset once it is bound.
/// Ids start at 1, so that a default label is recognizably no label.
/// </summary>
internal readonly record struct Label(int Id)
{
    /// <summary>Whether a buffer made this label (a default one was never made).</summary>
    public bool IsValid => Id > 0;
}
