// Type information written by hand: what no compiler at hand makes, and what none ever would.

using System.Text;

namespace Anneal.Ebpf.Tests.Loading;

internal sealed class BtfBuilder
{
    public const int Int = 1, Pointer = 2, Array = 3, Struct = 4, Union = 5, Enum = 6, Forward = 7, Typedef = 8, Const = 10, Prototype = 13, Float = 16, Enum64 = 19;

    private readonly List<byte> types = [];
    private readonly List<byte> strings = [0];
    private int count;

    /// <summary>Adds a type with the words that follow it; gives its number.</summary>
    public int Add(int kind, string name, uint sizeOrType, int members = 0, bool flag = false, params uint[] words)
    {
        foreach (uint word in new[] { Name(name), (uint)members | ((uint)kind << 24) | (flag ? 1u << 31 : 0), sizeOrType }) types.AddRange(BitConverter.GetBytes(word));
        foreach (uint word in words) types.AddRange(BitConverter.GetBytes(word));
        return ++count;
    }

    public int AddInt(string name, uint bytes, bool signed = false) => Add(Int, name, bytes, words: [(signed ? 1u << 24 : 0) | (bytes * 8)]);

    public int AddStruct(string name, uint size, params (string Name, int Type, uint Bit)[] members) =>
        Add(Struct, name, size, members.Length, false, [.. members.SelectMany(member => new[] { Name(member.Name), (uint)member.Type, member.Bit })]);

    public int AddEnum(string name, bool signed, params (string Name, int Value)[] constants) =>
        Add(Enum, name, 4, constants.Length, signed, [.. constants.SelectMany(constant => new[] { Name(constant.Name), (uint)constant.Value })]);

    public uint Name(string name)
    {
        if (name.Length == 0) return 0;
        uint at = (uint)strings.Count;
        strings.AddRange(Encoding.UTF8.GetBytes(name + "\0"));
        return at;
    }

    public byte[] ToArray()
    {
        var result = new List<byte>();
        foreach (uint word in new uint[] { 0x0001_EB9F, 24, 0, (uint)types.Count, (uint)types.Count, (uint)strings.Count }) result.AddRange(BitConverter.GetBytes(word));
        return [.. result, .. types, .. strings];
    }
}
