// What a field relocation asks for, by one side's types: offset, size, sign, or the shifts that take a bit field out of a load.

namespace Anneal.Ebpf.Btf;

/// <summary>A field's value for a relocation.</summary>
/// <param name="Value">The value.</param>
/// <param name="Size">The field's size, where it's an offset that a load or store may have; else 0.</param>
/// <param name="Type">The field's type.</param>
/// <param name="IsSure">Whether a compiler is sure to come to the same: how a bit field is loaded is its own choice.</param>
internal readonly record struct FieldValue(ulong Value, long Size, int Type, bool IsSure)
{
    /// <summary>Computes it.</summary>
    /// <returns>What is wrong; null if it's fine.</returns>
    public static string? TryCompute(BtfTypes types, AccessPath path, CoreRelocationKind kind, out FieldValue value)
    {
        value = default;
        AccessStep last = path.Last;
        if (last.Name is null) return TryComputeElement(types, path, kind, out value);
        BtfField field = types.Field(types[last.Type], last.Index);
        int type = types.Resolve(field.Type);
        BtfType resolved = types[type];
        long bytes = 0, start = path.BitOffset / 8, bits = field.BitSize;
        bool isBitField = bits != 0;
        if (!isBitField)
        {
            bytes = types.SizeOf(type);
            bits = bytes * 8;
        }
        else if (!TryPlace(resolved, path.BitOffset, bits, out start, out bytes))
        {
            return "a bit field that no load of eight bytes has in it";
        }

        // The bits left of the field, and right of it with those moved out, in a register of 64.
        long left = 64 - (path.BitOffset + bits - (start * 8)), right = 64 - bits;
        bool isShift = kind is CoreRelocationKind.FieldLeftShift or CoreRelocationKind.FieldRightShift;
        if (isShift && (left < 0 || right < 0)) return $"shifts for a field of {bytes} bytes";
        value = kind switch
        {
            CoreRelocationKind.FieldByteOffset => new FieldValue((ulong)start, isBitField ? 0 : bytes, type, !isBitField),
            CoreRelocationKind.FieldByteSize => new FieldValue((ulong)bytes, 0, type, !isBitField),
            CoreRelocationKind.FieldSigned => new FieldValue(IsSigned(types, resolved) ? 1u : 0, 0, type, true),
            CoreRelocationKind.FieldLeftShift => new FieldValue((ulong)left, 0, type, !isBitField),
            CoreRelocationKind.FieldRightShift => new FieldValue((ulong)right, 0, type, true),
            _ => new FieldValue(1, 0, type, true),
        };
        return null;
    }

    private static string? TryComputeElement(BtfTypes types, AccessPath path, CoreRelocationKind kind, out FieldValue value)
    {
        int type = path.Last.Type;
        value = new FieldValue(1, 0, type, true);
        if (kind == CoreRelocationKind.FieldExists) return null;
        if (kind is not (CoreRelocationKind.FieldByteOffset or CoreRelocationKind.FieldByteSize)) return $"{kind} of an array's element";
        long size = types.SizeOf(type);
        value = kind == CoreRelocationKind.FieldByteOffset ? new FieldValue((ulong)(path.BitOffset / 8), size, type, true) : new FieldValue((ulong)size, 0, type, true);
        return null;
    }

    // The load for a bit field: of its type's size, or the next larger one that has all of its bits.
    private static bool TryPlace(BtfType type, long offset, long bits, out long start, out long bytes)
    {
        start = bytes = 0;
        if (type.Kind is not (BtfKind.Int or BtfKind.Enum or BtfKind.Enum64) || type.SizeOrType is not (1 or 2 or 4 or 8)) return false;
        for (bytes = type.SizeOrType; bytes <= 8; bytes *= 2)
        {
            start = offset / 8 / bytes * bytes;
            if (offset + bits - (start * 8) <= bytes * 8) return true;
        }

        return false;
    }

    private static bool IsSigned(BtfTypes types, BtfType type) =>
        (type.IsEnumeration && type.KindFlag) || (type.Kind == BtfKind.Int && (types.IntegerOf(type).Encoding & 1) != 0);
}
