namespace Anneal.Ebpf.Elf;

/// <summary>A place in an object: a section, and an offset from its start (which nobody has checked).</summary>
internal sealed class Place(int section, long offset) : IEquatable<Place>
{
    public int Section => section;

    public long Offset => offset;

    public bool Equals(Place? other) => other is not null && other.Section == Section && other.Offset == Offset;

    public override bool Equals(object? obj) => Equals(obj as Place);

    public override int GetHashCode() => HashCode.Combine(Section, Offset);
}
