namespace Anneal.Wasm;

/// <summary>An exception tag: the identity and type of a kind of WebAssembly exception. Can be imported and exported.</summary>
public sealed class Tag : External
{
    /// <summary>Creates a tag that differs from all others.</summary>
    /// <param name="type">The types that an exception of this tag carries are its parameters; no results.</param>
    public Tag(FunctionType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        Type = type;
    }

    /// <summary>The tag's type.</summary>
    public FunctionType Type { get; }

    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Tag;

    internal override ExternalType ExternalType => ExternalType.OfTag(Type);
}
