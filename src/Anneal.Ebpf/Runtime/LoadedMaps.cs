using System.Collections.Immutable;
using Anneal.Ebpf.Lowering;

namespace Anneal.Ebpf.Runtime;

/// <summary>The addresses of a loaded program's maps, as its code has them.</summary>
internal sealed unsafe class LoadedMaps(ImmutableArray<EbpfMap> maps, bool sandboxed) : IMapAddresses
{
    public ulong HandleOf(int map) => sandboxed ? GuestAddresses.HandleOf(maps[map].Number) : maps[map].Handle;

    public ulong ValuesOf(int map)
    {
        if (!maps[map].IsPlainArray) return 0;
        return sandboxed ? GuestAddresses.OfMap(maps[map].Number) : (ulong)maps[map].ValueMemory!.Start;
    }

    public bool IsPlainArray(int map) => maps[map].IsPlainArray;
}
