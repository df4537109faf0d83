using static Anneal.Ebpf.ArgumentType;

namespace Anneal.Ebpf.Tests.Verification;

/// <summary>Prototypes of the helpers that the verifier's test programs call, with their public numbers.</summary>
internal static class TestHelpers
{
    public static HelperTable Table { get; } = new(
    [
        Helper(1, "map_lookup_elem", ReturnType.MapValueOrNull, [ConstMapPointer, MapKey]),
        Helper(2, "map_update_elem", ReturnType.Scalar, [ConstMapPointer, MapKey, MapValue, Anything]),
        Helper(3, "map_delete_elem", ReturnType.Scalar, [ConstMapPointer, MapKey]),
        Helper(5, "ktime_get_ns", ReturnType.Scalar, []),
        Helper(6, "trace_printk", ReturnType.Scalar, [ReadableMemory, MemorySize, Anything, Anything, Anything]),
        Helper(7, "get_prandom_u32", ReturnType.Scalar, []),
        Helper(8, "get_smp_processor_id", ReturnType.Scalar, []) with { MinResult = 0, MaxResult = 1023 },
        Helper(12, "tail_call", ReturnType.Scalar, [Context, ConstMapPointer, Anything]) with { Effects = HelperEffects.TailCall, MapTypes = [MapType.ProgramArray] },
        Helper(26, "skb_load_bytes", ReturnType.Scalar, [Context, Anything, UninitializedMemory, MemorySize]) with { ProgramTypes = ["sched_cls", "socket", "cgroup_skb"] },
        Helper(28, "csum_diff", ReturnType.Scalar, [ReadableMemoryOrNull, MemorySizeOrZero, ReadableMemoryOrNull, MemorySizeOrZero, Anything]),
        Helper(44, "xdp_adjust_head", ReturnType.Scalar, [Context, Anything]) with { Effects = HelperEffects.ChangesPacket, ProgramTypes = ["xdp"] },
        Helper(105, "strtol", ReturnType.Scalar, [ReadableMemory, MemorySize, Anything, UninitializedInt64]),
        Helper(130, "ringbuf_output", ReturnType.Scalar, [ConstMapPointer, ReadableMemory, MemorySizeOrZero, Anything]) with { MapTypes = [MapType.RingBuffer] },
        Helper(131, "ringbuf_reserve", ReturnType.AllocatedMemoryOrNull, [ConstMapPointer, ConstAllocationSize, Anything]) with
        {
            Effects = HelperEffects.Acquires, MapTypes = [MapType.RingBuffer],
        },
        Helper(132, "ringbuf_submit", ReturnType.Void, [AcquiredMemory, Anything]) with { Effects = HelperEffects.Releases },
        Helper(133, "ringbuf_discard", ReturnType.Void, [AcquiredMemory, Anything]) with { Effects = HelperEffects.Releases },
        Helper(164, "for_each_map_elem", ReturnType.Scalar, [ConstMapPointer, Callback, StackPointerOrNull, Anything]) with
        {
            Callback = CallbackKind.MapElement, MapTypes = [MapType.Array, MapType.Hash, MapType.PerCpuArray],
        },
        Helper(165, "snprintf", ReturnType.Scalar, [UninitializedMemoryOrNull, MemorySizeOrZero, ConstString, ReadableMemoryOrNull, MemorySizeOrZero]),
        Helper(181, "loop", ReturnType.Scalar, [Anything, Callback, StackPointerOrNull, Anything]) with { Callback = CallbackKind.Loop },
        Helper(189, "xdp_load_bytes", ReturnType.Scalar, [Context, Anything, UninitializedMemory, MemorySize]) with { ProgramTypes = ["xdp"] },
    ]);

    private static HelperPrototype Helper(int id, string name, ReturnType returns, ArgumentType[] arguments) =>
        new() { Id = id, Name = name, Returns = returns, Arguments = [.. arguments] };
}
