// What a random program has in it, by name. The list is what the coverage assertions go through: a kind that no accepted program
// of the tests' seeds has makes them fail.

using System.Collections.Immutable;

namespace Anneal.Ebpf.Tests.Verification;

internal sealed partial class RandomProgram
{
    private const string SignedDivision = "signed division or remainder", SignedMove = "sign-extending move", SignedLoad = "sign-extending load", ByteSwap = "byte swap";
    private const string Alu32 = "32-bit arithmetic", Alu64 = "64-bit arithmetic", Jump32 = "32-bit jump", LongJump = "long jump";
    private const string CountUp = "loop that counts up", CountDown = "loop that counts down", CountWrapping = "loop whose counter may wrap", Count32 = "loop with a 32-bit counter";
    private const string TestFirst = "loop that tests first", VariableLimit = "loop up to a variable", Multiplying = "loop that multiplies its counter", LeavesEarly = "loop with a way out";
    private const string LocalCall = "local call with a pointer to the caller's stack", NestedCall = "nested local call", PassedOnPointer = "pointer to the stack of the caller's caller";
    private const string VariableKey = "look-up with a variable key: ", VariableValueOffset = "variable offset in a looked-up value", MapUpdate = "map update", MapDelete = "map delete";
    private const string PacketVariable = "packet with a variable offset", PacketStore = "packet store", VariableSize = "helper with memory of variable size: ";
    private const string RingOnBranches = "ring buffer record that ends on branches", LoopCalls = "callback of bpf_loop", ElementCalls = "callback of bpf_for_each_map_elem: ";
    private const string TailCalls = "tail call", Legacy = "legacy packet load", LegacyIndirect = "legacy packet load by register", StoredPointer = "stored pointer: ", ChosenPointer = "pointer to one of two";
    private const string ContextLoad = "context load", ContextStore = "context store", StackVariable = "stack with a variable offset", MapVariable = "map value with a variable offset";

    private static readonly string[] Atomics = ["+=", "|=", "&=", "^=", "fetch+=", "fetch|=", "fetch&=", "fetch^=", "xchg", "cmpxchg"];
    private static readonly string[] KeyedMaps = ["array", "bytes", "hash", "percpu", "trie"];
    private static readonly string[] StoredPointers = ["map value", "stack", "context", "packet", "caller's stack"];

    /// <summary>All kinds.</summary>
    public static ImmutableArray<string> AllKinds { get; } =
    [
        SignedDivision, SignedMove, SignedLoad, ByteSwap, Alu32, Alu64, Jump32, LongJump, CountUp, CountDown, CountWrapping, Count32, TestFirst, VariableLimit, Multiplying,
        LeavesEarly, LocalCall, NestedCall, PassedOnPointer, VariableValueOffset, MapUpdate, MapDelete, PacketVariable, PacketStore, RingOnBranches, LoopCalls, TailCalls, Legacy,
        LegacyIndirect, ChosenPointer, ContextLoad, ContextStore, StackVariable, MapVariable,
        .. KeyedMaps.Select(map => VariableKey + map), .. StoredPointers.Select(pointer => StoredPointer + pointer),
        .. Atomics.Select(operation => $"atomic {operation} of 32 bits"), .. Atomics.Select(operation => $"atomic {operation} of 64 bits"),
        VariableSize + "csum_diff", VariableSize + "ringbuf_output", VariableSize + "load_bytes", ElementCalls + "array", ElementCalls + "percpu",
    ];

    private readonly HashSet<string> kinds = [];

    /// <summary>The kinds that this program has.</summary>
    public IReadOnlySet<string> Kinds => kinds;

    private void Has(string kind) => kinds.Add(kind);
}
