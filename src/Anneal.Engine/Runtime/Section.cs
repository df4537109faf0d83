namespace Anneal.Runtime;

/// <summary>A range of guest addresses that is backed by host memory.</summary>
/// <param name="Lower">The first guest address.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Host">The host address of the first byte.</param>
/// <param name="IsWritable">Whether writes are allowed; reads always are.</param>
internal unsafe readonly record struct Section(ulong Lower, ulong Length, nint Host, bool IsWritable)
{
    /// <summary>The host address of <paramref name="width"/> bytes at a guest address; null if they aren't all inside.</summary>
    public byte* Locate(ulong address, ulong width)
    {
        ulong distance = address - Lower;
        return distance <= Length && width <= Length - distance ? (byte*)Host + distance : null;
    }
}
