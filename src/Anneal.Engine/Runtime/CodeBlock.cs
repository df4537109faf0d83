namespace Anneal.Runtime;

/// <summary>A piece of the code space, seen through both views.</summary>
internal readonly unsafe struct CodeBlock(byte* writable, byte* executable, int size)
{
    public byte* Writable => writable;

    public byte* Executable => executable;

    public int Size => size;
}
