// Map definitions in the manner of libbpf: a variable in section .maps is a structure whose members' types, not values, say
// what the map is like. A number is a pointer to an array of as many elements; a key or value is a pointer to its type.

namespace Anneal.Ebpf.Btf;

/// <summary>Reads map definitions from BTF.</summary>
internal static class BtfMaps
{
    private const string Section = ".maps";

    /// <summary>
    /// The maps of section .maps, with the offset of each variable (by its name in <paramref name="places"/>, where it's there)
    /// and, for maps of maps or programs, of its values.
    /// </summary>
    public static List<PlacedMap> Read(BtfTypes types, IReadOnlyDictionary<string, long> places)
    {
        var maps = new List<PlacedMap>();
        foreach (BtfMember variable in types.Variables(Section))
        {
            MapDefinition definition = ReadMap(types, variable.Name, variable.Type, isInner: false, out long values);
            long offset = places.GetValueOrDefault(variable.Name, variable.Offset);
            maps.Add(new PlacedMap(definition, offset, values < 0 ? -1 : offset + values));
        }

        return maps;
    }

    private static MapDefinition ReadMap(BtfTypes types, string name, int structure, bool isInner, out long values)
    {
        long extra = 0, type = 0, keySize = 0, valueSize = 0, entries = 0, flags = 0;
        MapDefinition? inner = null;
        values = -1;
        foreach (BtfMember member in types.Members(structure))
        {
            switch (member.Name)
            {
                case "type": type = Number(types, name, member); break;
                case "max_entries": entries = Number(types, name, member); break;
                case "map_flags": flags = Number(types, name, member); break;
                case "key_size": keySize = Number(types, name, member); break;
                case "value_size": valueSize = Number(types, name, member); break;
                case "key": keySize = types.SizeOf(Pointed(types, name, member)); break;
                case "value": valueSize = types.SizeOf(Pointed(types, name, member)); break;
                case "values":
                    if (isInner) throw BtfTypes.Invalid(-1, $"map {name}: an inner map can't hold maps itself");
                    values = member.Offset;
                    inner = Inner(types, name, member);
                    break;
                case "map_extra": extra = Number(types, name, member); break;
                case "pinning" or "numa_node":
                    break;
                default:
                    throw BtfTypes.Invalid(-1, $"map {name}: member {member.Name}, which isn't known");
            }
        }

        // Values of these are numbers of maps or programs to the host.
        if (values >= 0 && valueSize == 0) valueSize = sizeof(uint);
        if (valueSize == 0 && (MapType)type is MapType.PerfEventArray or MapType.ProgramArray or MapType.ArrayOfMaps or MapType.HashOfMaps) valueSize = sizeof(uint);
        if (keySize == 0 && (MapType)type is MapType.ProgramArray or MapType.PerfEventArray) keySize = sizeof(uint);
        return new MapDefinition
        {
            Name = name,
            Type = (MapType)type,
            KeySize = (int)keySize,
            ValueSize = (int)valueSize,
            MaxEntries = (int)entries,
            Flags = (MapFlags)flags,
            InnerMap = inner,
            HashFunctions = (int)Math.Min(extra, int.MaxValue),
        };
    }

    private static MapDefinition? Inner(BtfTypes types, string name, BtfMember member)
    {
        BtfType array = types[types.Resolve(member.Type)];
        if (array.Kind != BtfKind.Array) throw BtfTypes.Invalid(-1, $"map {name}: values aren't an array");
        BtfType pointer = types[types.Resolve(types.ArrayOf(array).Element)];
        if (pointer.Kind != BtfKind.Pointer) throw BtfTypes.Invalid(-1, $"map {name}: values aren't pointers");
        int target = types.Resolve((int)Math.Min(pointer.SizeOrType, int.MaxValue));
        return types[target].Kind == BtfKind.Struct ? ReadMap(types, name + ".inner", target, isInner: true, out _) : null;
    }

    private static long Number(BtfTypes types, string name, BtfMember member)
    {
        BtfType array = types[types.Resolve(Pointed(types, name, member))];
        if (array.Kind != BtfKind.Array) throw BtfTypes.Invalid(-1, $"map {name}: {member.Name} isn't written as a number");
        uint count = types.ArrayOf(array).Count;
        return count <= int.MaxValue ? count : throw BtfTypes.Invalid(-1, $"map {name}: {member.Name} is {count}");
    }

    private static int Pointed(BtfTypes types, string name, BtfMember member)
    {
        BtfType pointer = types[types.Resolve(member.Type)];
        return pointer.Kind == BtfKind.Pointer && pointer.SizeOrType <= int.MaxValue
            ? (int)pointer.SizeOrType
            : throw BtfTypes.Invalid(-1, $"map {name}: {member.Name} isn't a pointer");
    }
}
