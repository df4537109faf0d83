using System.Collections.Immutable;

namespace Anneal.Ebpf;

/// <summary>The fields of a program type's context. Fields are ordered by offset and don't overlap; padding between them is not accessible.</summary>
public sealed record ContextLayout
{
    private ContextField[]? pointers;

    /// <summary>Bytes that a program sees.</summary>
    public required int Size { get; init; }

    /// <summary>Bytes of the host's block: <see cref="Size"/>, rounded up to 8, and the addresses of pointer fields.</summary>
    public required int HostSize { get; init; }

    /// <summary>The fields, by offset.</summary>
    public required ImmutableArray<ContextField> Fields { get; init; }

    /// <summary>The fields that hold pointers.</summary>
    internal ContextField[] Pointers => pointers ??= [.. Fields.Where(one => one.Kind != ContextFieldKind.Scalar)];

    /// <summary>The field that holds the whole access, or null.</summary>
    public ContextField? Find(int offset, int size)
    {
        int low = 0, high = Fields.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            ContextField field = Fields[middle];
            if (offset < field.Offset) high = middle - 1;
            else if (offset >= field.Offset + field.Size) low = middle + 1;
            else return size <= field.Offset + field.Size - offset ? field : null;
        }

        return null;
    }

    /// <summary>The field of that kind, or null.</summary>
    public ContextField? Find(ContextFieldKind kind)
    {
        foreach (ContextField field in Fields)
        {
            if (field.Kind == kind) return field;
        }

        return null;
    }
}
