// Atomic accesses of the portable tier.

using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Portable;

internal static unsafe partial class Interpreter
{
    private static void Atomic(Activation activation, ulong* slots, ulong* pc)
    {
        ulong word = *pc;
        var op = (Op)(ushort)word;
        bool wide = op >= Op.I64AtomicAdd;
        Op kind = wide ? op - Op.I64AtomicAdd + Op.I32AtomicAdd : op;
        bool fetches = kind >= Op.I32AtomicFetchAdd;
        ulong index = slots[fetches ? B(word) : A(word)];
        byte* address = Locate(activation.State, activation.Top.Instance.Memories, word, index, pc[1], wide ? 8u : 4u);
        if (address == null) throw new GuestFault(TrapKind.MemoryOutOfBounds);
        ulong value = slots[fetches ? (ushort)pc[2] : B(word)];
        ulong replacement = kind == Op.I32AtomicCompareExchange ? slots[(ushort)pc[3]] : 0;
        ulong old = wide
            ? Semantics.Atomic64(kind, (ulong*)address, value, replacement)
            : Semantics.Atomic32(kind, (uint*)address, (uint)value, (uint)replacement);
        if (fetches) slots[A(word)] = old;
    }
}
