// The list of the helpers that come with the engine: number, name, what programs may pass, what they get, the code.

using System.Collections.Immutable;
using Anneal.Ebpf.Runtime;
using static Anneal.Ebpf.ArgumentType;

namespace Anneal.Ebpf.Helpers;

/// <summary>Makes the helpers.</summary>
internal static unsafe class BuiltInHelpers
{
    private static readonly ImmutableArray<MapType> Keyed =
    [
        MapType.Hash, MapType.Array, MapType.PerCpuHash, MapType.PerCpuArray, MapType.LruHash, MapType.LruPerCpuHash, MapType.LpmTrie,
    ];

    private static readonly ImmutableArray<MapType> Found = Keyed.AddRange(MapType.ArrayOfMaps, MapType.HashOfMaps, MapType.DeviceMap, MapType.DeviceHash, MapType.XskMap);
    private static readonly ImmutableArray<MapType> Targets = [MapType.DeviceMap, MapType.DeviceHash, MapType.CpuMap, MapType.XskMap];
    private static readonly ImmutableArray<MapType> Walked = Keyed.Remove(MapType.LpmTrie);
    private static readonly ImmutableArray<MapType> PerProcessor = [MapType.PerCpuArray, MapType.PerCpuHash, MapType.LruPerCpuHash];
    private static readonly ImmutableArray<MapType> Ring = [MapType.RingBuffer];
    private static readonly ImmutableArray<MapType> Queues = [MapType.Queue, MapType.Stack];
    private static readonly ImmutableArray<string> Xdp = ["xdp"];
    private static readonly ImmutableArray<string> Buffers = ["sched_cls", "socket", "cgroup_skb"];
    private static readonly ImmutableArray<string> Classifier = ["sched_cls"];

    /// <summary>All of them, by number.</summary>
    public static Dictionary<int, Helper> Make()
    {
        var all = new Dictionary<int, Helper>();
        Maps(all);
        System(all);
        Packets(all);
        SocketBuffers(all);
        return all;
    }

    private static void Maps(Dictionary<int, Helper> all)
    {
        Add(all, new() { Id = HelperIds.MapLookup, Name = "map_lookup_elem", Arguments = [ConstMapPointer, MapKey], Returns = ReturnType.MapValueOrNull, MapTypes = Found }, &MapHelpers.Lookup);
        Add(all, new() { Id = HelperIds.MapUpdate, Name = "map_update_elem", Arguments = [ConstMapPointer, MapKey, MapValue, Anything], Returns = ReturnType.Scalar, MapTypes = Keyed }, &MapHelpers.Update);
        Add(all, new() { Id = HelperIds.MapDelete, Name = "map_delete_elem", Arguments = [ConstMapPointer, MapKey], Returns = ReturnType.Scalar, MapTypes = Keyed.AddRange(MapType.ArrayOfMaps, MapType.HashOfMaps, MapType.ProgramArray) }, &MapHelpers.Delete);
        Add(all, new() { Id = HelperIds.MapLookupPerProcessor, Name = "map_lookup_percpu_elem", Arguments = [ConstMapPointer, MapKey, Anything], Returns = ReturnType.MapValueOrNull, MapTypes = PerProcessor }, &MapHelpers.LookupPerProcessor);
        Add(all, new() { Id = HelperIds.PushMapElement, Name = "map_push_elem", Arguments = [ConstMapPointer, MapValue, Anything], Returns = ReturnType.Scalar, MapTypes = Queues.Add(MapType.BloomFilter) }, &MapHelpers.Push);
        Add(all, new() { Id = HelperIds.PopMapElement, Name = "map_pop_elem", Arguments = [ConstMapPointer, UninitializedMapValue], Returns = ReturnType.Scalar, MapTypes = Queues }, &MapHelpers.Pop);
        Add(all, new() { Id = HelperIds.PeekMapElement, Name = "map_peek_elem", Arguments = [ConstMapPointer, UninitializedMapValue], Returns = ReturnType.Scalar, MapTypes = Queues.Add(MapType.BloomFilter) }, &MapHelpers.PeekElement);
        Add(all, new() { Id = HelperIds.TailCall, Name = "tail_call", Arguments = [Context, ConstMapPointer, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.TailCall, MapTypes = [MapType.ProgramArray] }, &MapHelpers.TailCall);
        Add(all, new() { Id = HelperIds.ForEachElement, Name = "for_each_map_elem", Arguments = [ConstMapPointer, Callback, StackPointerOrNull, Anything], Returns = ReturnType.Scalar, Callback = CallbackKind.MapElement, MapTypes = Walked }, &MapHelpers.ForEach);
        Add(all, new() { Id = HelperIds.Loop, Name = "loop", Arguments = [Anything, Callback, StackPointerOrNull, Anything], Returns = ReturnType.Scalar, Callback = CallbackKind.Loop, MinResult = Ebpf.Maps.MapError.Invalid, MaxResult = 1 << 23 }, &MapHelpers.Loop);
        Add(all, new() { Id = HelperIds.RingBufferOutput, Name = "ringbuf_output", Arguments = [ConstMapPointer, ReadableMemory, MemorySizeOrZero, Anything], Returns = ReturnType.Scalar, MapTypes = Ring }, &MapHelpers.RingOutput);
        Add(all, new() { Id = HelperIds.RingBufferReserve, Name = "ringbuf_reserve", Arguments = [ConstMapPointer, ConstAllocationSize, Anything], Returns = ReturnType.AllocatedMemoryOrNull, Effects = HelperEffects.Acquires, MapTypes = Ring }, &MapHelpers.RingReserve);
        Add(all, new() { Id = HelperIds.RingBufferSubmit, Name = "ringbuf_submit", Arguments = [AcquiredMemory, Anything], Returns = ReturnType.Void, Effects = HelperEffects.Releases }, &MapHelpers.RingSubmit);
        Add(all, new() { Id = HelperIds.RingBufferDiscard, Name = "ringbuf_discard", Arguments = [AcquiredMemory, Anything], Returns = ReturnType.Void, Effects = HelperEffects.Releases }, &MapHelpers.RingDiscard);
        Add(all, new() { Id = HelperIds.PerfEventOutput, Name = "perf_event_output", Arguments = [Context, ConstMapPointer, Anything, ReadableMemory, MemorySizeOrZero], Returns = ReturnType.Scalar, MapTypes = [MapType.PerfEventArray] }, &MapHelpers.PerfOutput);
        Add(all, new() { Id = HelperIds.Redirect, Name = "redirect", Arguments = [Anything, Anything], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = 7, ProgramTypes = ["xdp", "sched_cls"] }, &RedirectHelpers.Redirect);
        Add(all, new() { Id = HelperIds.RedirectMap, Name = "redirect_map", Arguments = [ConstMapPointer, Anything, Anything], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = 4, MapTypes = Targets, ProgramTypes = Xdp }, &RedirectHelpers.ToMap);
        Add(all, new() { Id = HelperIds.RedirectNeighbor, Name = "redirect_neigh", Arguments = [Anything, ReadableMemoryOrNull, MemorySizeOrZero, Anything], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = 7, ProgramTypes = Classifier }, &RedirectHelpers.Neighbor);
        Add(all, new() { Id = HelperIds.RedirectPeer, Name = "redirect_peer", Arguments = [Anything, Anything], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = 7, ProgramTypes = Classifier }, &RedirectHelpers.Peer);
        Add(all, new() { Id = HelperIds.RingBufferQuery, Name = "ringbuf_query", Arguments = [ConstMapPointer, Anything], Returns = ReturnType.Scalar, MapTypes = Ring }, &MapHelpers.RingQuery);
    }

    private static void System(Dictionary<int, Helper> all)
    {
        foreach ((int id, string name) in new[] { (HelperIds.KernelTime, "ktime_get_ns"), (HelperIds.BootTime, "ktime_get_boot_ns"), (HelperIds.CoarseTime, "ktime_get_coarse_ns") })
            Add(all, new() { Id = id, Name = name, Arguments = [], Returns = ReturnType.Scalar }, &SystemHelpers.Time);
        Add(all, new() { Id = HelperIds.TaiTime, Name = "ktime_get_tai_ns", Arguments = [], Returns = ReturnType.Scalar }, &SystemHelpers.AtomicTime);
        Add(all, new() { Id = HelperIds.Jiffies, Name = "jiffies64", Arguments = [], Returns = ReturnType.Scalar }, &SystemHelpers.Jiffies);
        Add(all, new() { Id = HelperIds.Random, Name = "get_prandom_u32", Arguments = [], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = uint.MaxValue }, &SystemHelpers.Random);
        Add(all, new() { Id = HelperIds.ProcessorId, Name = "get_smp_processor_id", Arguments = [], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = uint.MaxValue }, &SystemHelpers.ProcessorId);
        Add(all, new() { Id = HelperIds.NumaNode, Name = "get_numa_node_id", Arguments = [], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = 0 }, &SystemHelpers.NumaNode);
        Add(all, new() { Id = HelperIds.CurrentProcess, Name = "get_current_pid_tgid", Arguments = [], Returns = ReturnType.Scalar }, &SystemHelpers.ProcessId);
        Add(all, new() { Id = HelperIds.CurrentUser, Name = "get_current_uid_gid", Arguments = [], Returns = ReturnType.Scalar }, &SystemHelpers.UserId);
        Add(all, new() { Id = HelperIds.CurrentCommand, Name = "get_current_comm", Arguments = [UninitializedMemory, MemorySize], Returns = ReturnType.Scalar }, &SystemHelpers.Command);
        Add(all, new() { Id = HelperIds.TracePrint, Name = "trace_printk", Arguments = [ReadableMemory, MemorySize], PassesAllRegisters = true, FormatArgument = 0, Returns = ReturnType.Scalar }, &ProbeHelpers.Print);
        Add(all, new() { Id = HelperIds.TracePrintArguments, Name = "trace_vprintk", Arguments = [ReadableMemory, MemorySize, ReadableMemoryOrNull, MemorySizeOrZero], FormatArgument = 0, ValuesArgument = 2, Returns = ReturnType.Scalar }, &ProbeHelpers.PrintMany);
        Add(all, new() { Id = HelperIds.FormatText, Name = "snprintf", Arguments = [UninitializedMemoryOrNull, MemorySizeOrZero, ConstString, ReadableMemoryOrNull, MemorySizeOrZero], FormatArgument = 2, ValuesArgument = 3, Returns = ReturnType.Scalar }, &ProbeHelpers.Format);
        foreach ((int id, string name) in new[] { (HelperIds.Probe, "probe_read"), (HelperIds.ProbeUser, "probe_read_user"), (HelperIds.ProbeKernel, "probe_read_kernel") })
            Add(all, new() { Id = id, Name = name, Arguments = [UninitializedMemory, MemorySizeOrZero, ProbedMemory], Returns = ReturnType.Scalar, MinResult = Ebpf.Maps.MapError.Fault, MaxResult = 0 }, &ProbeHelpers.Read);
        foreach ((int id, string name) in new[] { (HelperIds.ProbeText, "probe_read_str"), (HelperIds.ProbeUserText, "probe_read_user_str"), (HelperIds.ProbeKernelText, "probe_read_kernel_str") })
            Add(all, new() { Id = id, Name = name, Arguments = [UninitializedMemory, MemorySizeOrZero, ProbedText], Returns = ReturnType.Scalar, MinResult = Ebpf.Maps.MapError.Fault, MaxResult = int.MaxValue }, &ProbeHelpers.ReadText);
        Add(all, new() { Id = HelperIds.CompareStrings, Name = "strncmp", Arguments = [ReadableMemory, MemorySize, ConstString], Returns = ReturnType.Scalar, MinResult = -1, MaxResult = 1 }, &SystemHelpers.Compare);
        Add(all, new() { Id = HelperIds.ParseLong, Name = "strtol", Arguments = [ReadableMemory, MemorySize, Anything, UninitializedInt64], Returns = ReturnType.Scalar }, &SystemHelpers.ParseLong);
        Add(all, new() { Id = HelperIds.ParseUnsignedLong, Name = "strtoul", Arguments = [ReadableMemory, MemorySize, Anything, UninitializedInt64], Returns = ReturnType.Scalar }, &SystemHelpers.ParseUnsigned);
    }

    private static void Packets(Dictionary<int, Helper> all)
    {
        Add(all, new() { Id = HelperIds.ChecksumDifference, Name = "csum_diff", Arguments = [ReadableMemoryOrNull, MemorySizeOrZero, ReadableMemoryOrNull, MemorySizeOrZero, Anything], Returns = ReturnType.Scalar, MinResult = Ebpf.Maps.MapError.Invalid, MaxResult = uint.MaxValue }, &PacketHelpers.Difference);
        Add(all, new() { Id = HelperIds.LoadPacketBytes, Name = "skb_load_bytes", Arguments = [Context, Anything, UninitializedMemory, MemorySize], Returns = ReturnType.Scalar, ProgramTypes = Buffers }, &PacketHelpers.Load);
        Add(all, new() { Id = HelperIds.LoadXdpBytes, Name = "xdp_load_bytes", Arguments = [Context, Anything, UninitializedMemory, MemorySize], Returns = ReturnType.Scalar, ProgramTypes = Xdp }, &PacketHelpers.LoadXdp);
        Add(all, new() { Id = HelperIds.StorePacketBytes, Name = "skb_store_bytes", Arguments = [Context, Anything, ReadableMemory, MemorySize, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Classifier }, &PacketHelpers.Store);
        Add(all, new() { Id = HelperIds.StoreXdpBytes, Name = "xdp_store_bytes", Arguments = [Context, Anything, ReadableMemory, MemorySize], Returns = ReturnType.Scalar, ProgramTypes = Xdp }, &PacketHelpers.StoreXdp);
        Add(all, new() { Id = HelperIds.ReplaceL3Checksum, Name = "l3_csum_replace", Arguments = [Context, Anything, Anything, Anything, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Classifier }, &PacketHelpers.ReplaceL3);
        Add(all, new() { Id = HelperIds.ReplaceL4Checksum, Name = "l4_csum_replace", Arguments = [Context, Anything, Anything, Anything, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Classifier }, &PacketHelpers.ReplaceL4);
        Add(all, new() { Id = HelperIds.PullPacketData, Name = "skb_pull_data", Arguments = [Context, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Buffers }, &PacketHelpers.Pull);
        Add(all, new() { Id = HelperIds.ChangePacketTail, Name = "skb_change_tail", Arguments = [Context, Anything, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Classifier }, &PacketHelpers.ChangeTail);
        Add(all, new() { Id = HelperIds.ChangePacketHead, Name = "skb_change_head", Arguments = [Context, Anything, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Classifier }, &PacketHelpers.ChangeHead);
        Add(all, new() { Id = HelperIds.AdjustHead, Name = "xdp_adjust_head", Arguments = [Context, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Xdp }, &PacketHelpers.AdjustHead);
        Add(all, new() { Id = HelperIds.AdjustTail, Name = "xdp_adjust_tail", Arguments = [Context, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Xdp }, &PacketHelpers.AdjustTail);
        Add(all, new() { Id = HelperIds.AdjustMeta, Name = "xdp_adjust_meta", Arguments = [Context, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Xdp }, &PacketHelpers.AdjustMeta);
        Add(all, new() { Id = HelperIds.PacketLength, Name = "xdp_get_buff_len", Arguments = [Context], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = int.MaxValue, ProgramTypes = Xdp }, &PacketHelpers.Length);
    }

    private static void SocketBuffers(Dictionary<int, Helper> all)
    {
        Add(all, new() { Id = HelperIds.LoadPacketBytesRelative, Name = "skb_load_bytes_relative", Arguments = [Context, Anything, UninitializedMemory, MemorySize, Anything], Returns = ReturnType.Scalar, ProgramTypes = ["sched_cls", "cgroup_skb"] }, &SocketBufferHelpers.LoadRelative);
        Add(all, new() { Id = HelperIds.ChangeProtocol, Name = "skb_change_proto", Arguments = [Context, Anything, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Classifier }, &SocketBufferHelpers.ChangeProtocol);
        Add(all, new() { Id = HelperIds.ChangePacketType, Name = "skb_change_type", Arguments = [Context, Anything], Returns = ReturnType.Scalar, ProgramTypes = Classifier }, &SocketBufferHelpers.ChangeType);
        Add(all, new() { Id = HelperIds.AdjustRoom, Name = "skb_adjust_room", Arguments = [Context, Anything, Anything, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Classifier }, &RoomHelper.Adjust);
        Add(all, new() { Id = HelperIds.PushVlan, Name = "skb_vlan_push", Arguments = [Context, Anything, Anything], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Classifier }, &SocketBufferHelpers.PushVlan);
        Add(all, new() { Id = HelperIds.PopVlan, Name = "skb_vlan_pop", Arguments = [Context], Returns = ReturnType.Scalar, Effects = HelperEffects.ChangesPacket, ProgramTypes = Classifier }, &SocketBufferHelpers.PopVlan);
        Add(all, new() { Id = HelperIds.PacketHash, Name = "get_hash_recalc", Arguments = [Context], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = uint.MaxValue, ProgramTypes = Classifier }, &SocketBufferHelpers.Hash);
        Add(all, new() { Id = HelperIds.InvalidateHash, Name = "set_hash_invalid", Arguments = [Context], Returns = ReturnType.Scalar, ProgramTypes = Classifier }, &SocketBufferHelpers.InvalidateHash);
        Add(all, new() { Id = HelperIds.SetHash, Name = "set_hash", Arguments = [Context, Anything], Returns = ReturnType.Scalar, ProgramTypes = Classifier }, &SocketBufferHelpers.SetHash);
        Add(all, new() { Id = HelperIds.UpdateChecksum, Name = "csum_update", Arguments = [Context, Anything], Returns = ReturnType.Scalar, ProgramTypes = Classifier }, &SocketBufferHelpers.UpdateChecksum);
        Add(all, new() { Id = HelperIds.ChecksumLevel, Name = "csum_level", Arguments = [Context, Anything], Returns = ReturnType.Scalar, ProgramTypes = Classifier }, &SocketBufferHelpers.ChecksumLevel);
        Add(all, new() { Id = HelperIds.MarkCongestion, Name = "skb_ecn_set_ce", Arguments = [Context], Returns = ReturnType.Scalar, MinResult = 0, MaxResult = 1, Effects = HelperEffects.ChangesPacket, ProgramTypes = ["sched_cls", "cgroup_skb"] }, &SocketBufferHelpers.MarkCongestion);
        // A packet here has no class, route or socket: what the kernel says of such.
        Add(all, new() { Id = HelperIds.CgroupClass, Name = "get_cgroup_classid", Arguments = [Context], Returns = ReturnType.Scalar, ProgramTypes = Classifier }, &SystemHelpers.Nothing);
        Add(all, new() { Id = HelperIds.RouteRealm, Name = "get_route_realm", Arguments = [Context], Returns = ReturnType.Scalar, ProgramTypes = Classifier }, &SystemHelpers.Nothing);
        Add(all, new() { Id = HelperIds.SocketCookie, Name = "get_socket_cookie", Arguments = [Context], Returns = ReturnType.Scalar, ProgramTypes = Buffers }, &SystemHelpers.Nothing);
        Add(all, new() { Id = HelperIds.SocketUser, Name = "get_socket_uid", Arguments = [Context], Returns = ReturnType.Scalar, ProgramTypes = Buffers }, &SystemHelpers.NoUser);
        // Nor does an event come from a function's entry.
        Add(all, new() { Id = HelperIds.FunctionAddress, Name = "get_func_ip", Arguments = [Context], Returns = ReturnType.Scalar, ProgramTypes = ["tracing"] }, &SystemHelpers.Nothing);
    }

    private static void Add(Dictionary<int, Helper> all, HelperPrototype prototype, delegate*<RunContext, EbpfMap?, ulong*, ulong> code) =>
        all.Add(prototype.Id, new BuiltInHelper(prototype, code));
}
