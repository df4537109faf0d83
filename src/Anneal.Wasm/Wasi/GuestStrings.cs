// The arguments and the environment as a guest asks for them: an array of pointers and a block of NUL-terminated UTF-8 strings.

using System.Buffers.Binary;
using System.Text;

namespace Anneal.Wasm.Wasi;

/// <summary>A list of strings, encoded once.</summary>
internal sealed class GuestStrings
{
    private readonly byte[] block;
    private readonly uint[] offsets;

    private GuestStrings(byte[] block, uint[] offsets)
    {
        this.block = block;
        this.offsets = offsets;
    }

    public uint Count => (uint)offsets.Length;

    public uint Size => (uint)block.Length;

    /// <exception cref="ArgumentException">An argument holds a NUL character.</exception>
    public static GuestStrings OfArguments(IReadOnlyList<string> arguments)
    {
        foreach (string argument in arguments)
        {
            if (argument.Contains('\0')) throw new ArgumentException($"The WASI argument \"{argument}\" holds a NUL character.");
        }
        return Encode(arguments);
    }

    /// <exception cref="ArgumentException">A name is empty or holds `=`, or a name or value holds a NUL character.</exception>
    public static GuestStrings OfEnvironment(IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        var lines = new string[environment.Count];
        for (int i = 0; i < lines.Length; i++)
        {
            (string name, string value) = environment[i];
            if (name.Length == 0 || name.Contains('=') || name.Contains('\0') || value.Contains('\0'))
            {
                throw new ArgumentException($"A WASI environment can't hold the variable \"{name}\" with this name or value.");
            }
            lines[i] = name + "=" + value;
        }
        return Encode(lines);
    }

    /// <summary>Writes the pointers and the strings into guest memory.</summary>
    public void Write(in GuestMemory memory, uint pointers, uint strings)
    {
        block.CopyTo(memory.Slice(strings, Size));
        Span<byte> array = memory.Slice(pointers, 4 * Count);
        for (int i = 0; i < offsets.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(array[(4 * i)..], strings + offsets[i]);
        }
    }

    private static GuestStrings Encode(IReadOnlyList<string> strings)
    {
        int size = 0;
        foreach (string text in strings) size = checked(size + Encoding.UTF8.GetByteCount(text) + 1);
        byte[] block = new byte[size];
        var offsets = new uint[strings.Count];
        int position = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = (uint)position;
            position += Encoding.UTF8.GetBytes(strings[i], block.AsSpan(position)) + 1;
        }
        return new GuestStrings(block, offsets);
    }
}
