namespace Anneal.Wasm;

/// <summary>Something that can be imported and exported: a <see cref="Function"/>, <see cref="Memory"/>, <see cref="Table"/>, <see cref="Global"/> or <see cref="Tag"/>.</summary>
public abstract class External
{
    private protected External()
    {
    }

    /// <summary>The kind of thing this is.</summary>
    public abstract ExternalKind Kind { get; }

    /// <summary>The type as of now: a memory's or table's minimum is its present size (section 3.5 of the specification).</summary>
    internal abstract ExternalType ExternalType { get; }
}
