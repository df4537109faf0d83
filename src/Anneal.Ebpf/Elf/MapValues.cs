namespace Anneal.Ebpf.Elf;

/// <summary>Where the initial values of a map of maps or programs stand.</summary>
/// <param name="map">The map's index.</param>
/// <param name="section">The section.</param>
/// <param name="start">The offset of the first value.</param>
internal sealed class MapValues(int map, int section, long start)
{
    public int Map => map;

    public int Section => section;

    public long Start => start;
}
