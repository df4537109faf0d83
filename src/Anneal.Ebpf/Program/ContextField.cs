namespace Anneal.Ebpf;

/// <summary>What a field of a context holds.</summary>
public enum ContextFieldKind
{
    /// <summary>A number.</summary>
    Scalar,

    /// <summary>The address of the packet's first byte.</summary>
    Packet,

    /// <summary>The address after the packet's last byte.</summary>
    PacketEnd,

    /// <summary>The address of the metadata before the packet.</summary>
    PacketMeta,
}

/// <summary>
/// A field of a program type's context. Pointer fields may be 32 bits wide to the program; the host keeps the 64-bit address at
/// <see cref="HostOffset"/> of the context's block, and a verified program's load of the field is rewritten to load from there.
/// </summary>
/// <param name="Name">The field's name.</param>
/// <param name="Offset">Bytes from the context's start.</param>
/// <param name="Size">Bytes as the program sees it; a field larger than 8 is an array of 4-byte scalars.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="IsWritable">Whether programs may store to it. All fields can be read.</param>
/// <param name="HostOffset">For pointer fields: where the host keeps the address. Otherwise equal to <paramref name="Offset"/>.</param>
public sealed record ContextField(string Name, int Offset, int Size, ContextFieldKind Kind, bool IsWritable, int HostOffset);
