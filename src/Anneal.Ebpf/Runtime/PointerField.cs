namespace Anneal.Ebpf.Runtime;

/// <summary>A pointer field of a context's block: what it holds, and where it is for programs of one mode.</summary>
internal readonly struct PointerField(ContextFieldKind kind, int offset)
{
    public readonly ContextFieldKind Kind = kind;
    public readonly int Offset = offset;

    /// <summary>The pointer fields of a layout.</summary>
    public static PointerField[] Of(ContextLayout layout, bool sandboxed)
    {
        int count = 0;
        foreach (ContextField field in layout.Fields) count += field.Kind != ContextFieldKind.Scalar ? 1 : 0;
        var result = new PointerField[count];
        foreach (ContextField field in layout.Fields)
        {
            if (field.Kind != ContextFieldKind.Scalar) result[^count--] = new PointerField(field.Kind, sandboxed ? field.Offset : field.HostOffset);
        }

        return result;
    }
}
