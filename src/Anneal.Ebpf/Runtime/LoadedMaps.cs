using System.Collections.Immutable;
using Anneal.Ebpf.Lowering;
using Anneal.Ebpf.Maps;

namespace Anneal.Ebpf.Runtime;

/// <summary>The addresses of a loaded program's maps, as its code has them.</summary>
internal sealed unsafe class LoadedMaps(ImmutableArray<EbpfMap> maps, ProgramType type, bool sandboxed) : IMapAddresses
{
    public ulong HandleOf(int map) => sandboxed ? GuestAddresses.HandleOf(maps[map].Number) : maps[map].Handle;

    public ulong ValuesOf(int map) => sandboxed ? GuestAddresses.OfMap(maps[map].Number) : (ulong)((ArrayMap)maps[map]).ValueMemory.Start;

    public ulong ColumnOf(int map) => maps[map] is ProgramArray programs ? programs.ColumnFor(type) : ((MapOfMaps)maps[map]).Column;
}
