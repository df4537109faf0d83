using System.Collections.Immutable;

namespace Anneal.Ebpf;

/// <summary>The fields of a program type's context. Fields are ordered by offset and don't overlap; padding between them is not accessible.</summary>
public sealed record ContextLayout
{
    /// <summary>The most bytes of a host's block.</summary>
    internal const int MaxBytes = 1024;

    /// <summary>Bytes that a program sees.</summary>
    public required int Size { get; init; }

    /// <summary>Bytes of the host's block: <see cref="Size"/>, rounded up to 8, and the addresses of pointer fields.</summary>
    public required int HostSize { get; init; }

    /// <summary>The fields, by offset.</summary>
    public required ImmutableArray<ContextField> Fields { get; init; }

    /// <summary>Checks that the fields are as the layout says; contexts can be the host's own.</summary>
    /// <exception cref="ArgumentException">A size or place is wrong.</exception>
    internal void Validate(string type)
    {
        if (Size is <= 0 or > MaxBytes || HostSize < Size || HostSize > MaxBytes) throw Wrong($"{Size} bytes, {HostSize} of the host's");
        int end = 0;
        foreach (ContextField one in Fields)
        {
            if (one.Size <= 0 || one.Offset < end || one.Offset > Size - one.Size) throw Wrong($"field {one.Name} of {one.Size} bytes at {one.Offset}");
            end = one.Offset + one.Size;
            if (one.Kind == ContextFieldKind.Scalar) continue;
            if (one.Size is not (4 or 8) || one.IsWritable || one.HostOffset < Size || one.HostOffset % sizeof(ulong) != 0 || one.HostOffset > HostSize - sizeof(ulong))
                throw Wrong($"pointer field {one.Name}: {one.Size} bytes, the host's at {one.HostOffset}");
        }

        ArgumentException Wrong(string message) => new($"the context of program type {type} isn't one: {message}");
    }

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
