namespace Anneal.Threaded;

/// <summary>All that predecoding has to know of an op, in one word.</summary>
internal readonly struct OpShape
{
    private readonly uint bits;

    public OpShape(Shape shape, int size, int words, int sources, int floats, bool hasDestination, bool keepsAccumulators)
    {
        bool isPlain = shape == Shape.Fields;
        bits = (uint)shape | ((uint)size << 5) | ((uint)words << 11) | ((uint)sources << 14) | ((uint)floats << 18)
            | (hasDestination ? 1u << 22 : 0) | (keepsAccumulators ? 1u << 23 : 0) | (isPlain ? 1u << 24 : 0);
    }

    public Shape Shape => (Shape)(bits & 31);

    /// <summary>The size in the stream where it's the same for all instructions of the op.</summary>
    public int Size => (int)(bits >> 5) & 63;

    /// <summary>Words of bytecode, without a branch table's targets.</summary>
    public int Words => (int)(bits >> 11) & 7;

    /// <summary>By bit: the fields that may be read from accumulators.</summary>
    public int Sources => (int)(bits >> 14) & 15;

    /// <summary>Those of them that are read as floats.</summary>
    public int Floats => (int)(bits >> 18) & 15;

    /// <summary>Whether the first field is a destination that may stay in an accumulator.</summary>
    public bool HasDestination => (bits & (1u << 22)) != 0;

    /// <summary>Whether accumulators keep what they hold across the op.</summary>
    public bool KeepsAccumulators => (bits & (1u << 23)) != 0;

    /// <summary>Whether the fields are copied and that is all.</summary>
    public bool IsPlain => (bits & (1u << 24)) != 0;
}
