using Anneal.Wasm.Text;

namespace Anneal.Wasm.Tests.Differential;

/// <summary>
/// A piece of generated code that leaves one value of a type, or none: bytes with other pieces between them. Any node can be
/// cut, which puts the simplest code of its type in its place and leaves the module valid: that is how modules shrink.
/// </summary>
internal sealed class Node(T type, byte[][] parts, Node[] children)
{
    public T Type { get; } = type;

    public IReadOnlyList<Node> Children { get; } = children;

    /// <summary>Whether the value may be a NaN whose bits the specification leaves open.</summary>
    public bool OpenNan { get; init; }

    public bool IsCut { get; set; }

    /// <summary>Whether the node must not be cut: code that takes fuel.</summary>
    public bool IsPinned { get; init; }

    public static Node Leaf(T type, params byte[] bytes) => new(type, [bytes], []);

    public void Emit(WasmBytes code)
    {
        if (IsCut)
        {
            code.Bytes(Simplest(Type));
            return;
        }
        for (int i = 0; i < parts.Length; i++)
        {
            code.Bytes(parts[i]);
            if (i < Children.Count)
                Children[i].Emit(code);
        }
    }

    private static ReadOnlySpan<byte> Simplest(T type) => type switch
    {
        T.I32 => [0x41, 0],
        T.I64 => [0x42, 0],
        T.F32 => [0x43, 0, 0, 0, 0],
        T.F64 => [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
        T.FuncRef => [0xD0, 0x70],
        T.ExternRef => [0xD0, 0x6F],
        _ => [],
    };
}
