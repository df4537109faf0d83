// Variables declared `extern ... __kconfig`: they are in no section of the object, only its types know them (data section
// .kconfig). Together they become one constant map, as .rodata does.

using System.Buffers.Binary;
using Anneal.Ebpf.Btf;

namespace Anneal.Ebpf.Elf;

/// <summary>Lays out the variables that the system's configuration is to give values to.</summary>
internal static class ConfigVariables
{
    private const string Section = ".kconfig";
    private const string KernelVersion = "LINUX_KERNEL_VERSION";
    private const int MaxBytes = 1 << 16;

    /// <summary>The map that has the variables, whose offsets are put into <paramref name="places"/>; null if there are none.</summary>
    /// <exception cref="ObjectFormatException">One that must have a value has none, or it doesn't fit.</exception>
    public static MapDefinition? Read(ElfFile file, BtfTypes types, IReadOnlyDictionary<string, long>? values, Dictionary<string, int> places)
    {
        var weak = new HashSet<string>(StringComparer.Ordinal);
        foreach (ElfSymbol symbol in file.Symbols)
        {
            if (symbol.Section == 0 && symbol.IsWeak) weak.Add(symbol.Name);
        }

        var bytes = new List<byte>();
        foreach (BtfMember variable in types.Variables(Section))
        {
            long size = types.SizeOf(variable.Type);
            if (size > MaxBytes - bytes.Count) throw new ObjectFormatException(Section, -1, $"more than {MaxBytes} bytes of variables");
            if (!places.TryAdd(variable.Name, bytes.Count)) continue;
            var value = new byte[(size + 7) & ~7L];
            if (values is not null && values.TryGetValue(variable.Name, out long given)) Put(value, types, variable, given);
            else if (variable.Name == KernelVersion) Put(value, types, variable, HostVersion());
            else if (!weak.Contains(variable.Name)) throw new ObjectFormatException(Section, -1, $"{variable.Name} has no value: the configuration of the options gives one, and one that is __weak is 0");
            bytes.AddRange(value);
        }

        if (bytes.Count == 0) return null;
        return new MapDefinition
        {
            Name = Section,
            Type = MapType.Array,
            KeySize = sizeof(uint),
            ValueSize = bytes.Count,
            MaxEntries = 1,
            Flags = MapFlags.Mappable | MapFlags.ProgramReadOnly,
            InitialValue = bytes.ToArray(),
            IsFrozen = true,
        };
    }

    private static void Put(byte[] bytes, BtfTypes types, BtfMember variable, long value)
    {
        BtfType type = types[types.Resolve(variable.Type)];
        bool isNumber = type.IsEnumeration || type.Kind == BtfKind.Int;
        if (!isNumber || type.SizeOrType is not (1 or 2 or 4 or 8)) throw new ObjectFormatException(Section, -1, $"{variable.Name} isn't an integer");
        int bits = (int)type.SizeOrType * 8;
        // Either sign: what fits as unsigned or as signed.
        bool fits = bits == 64 || (value >= -(1L << (bits - 1)) && value < 1L << bits);
        if (!fits) throw new ObjectFormatException(Section, -1, $"{variable.Name}: {value} doesn't fit into {bits} bits");
        Span<byte> eight = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(eight, value);
        eight[..(bits / 8)].CopyTo(bytes);
    }

    // As the kernel's headers put it into a number.
    private static long HostVersion()
    {
        Version version = Environment.OSVersion.Version;
        return ((long)Math.Min(version.Major, 255) << 16) | ((long)Math.Min(version.Minor, 255) << 8) | (long)Math.Clamp(version.Build, 0, 255);
    }
}
