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
        uint width = wide ? 8u : 4u;
        TrapUnaligned(new MemoryOperand((ushort)(word >> 48)).Mode, index, pc[1], width);
        byte* address = Locate(activation.State, activation.Top.Instance.Memories, word, index, pc[1], width);
        if (address == null) throw new GuestFault(TrapKind.MemoryOutOfBounds);
        ulong value = slots[fetches ? (ushort)pc[2] : B(word)];
        ulong replacement = kind == Op.I32AtomicCompareExchange ? slots[(ushort)pc[3]] : 0;
        ulong old = wide
            ? Semantics.Atomic64(kind, (ulong*)address, value, replacement)
            : Semantics.Atomic32(kind, (uint*)address, (uint)value, (uint)replacement);
        if (fetches) slots[A(word)] = old;
    }

    // As the templates do: an access that ends beyond 64 bits has no address, and a trusted one is aligned.
    private static void TrapUnaligned(AddressingMode mode, ulong index, ulong offset, uint width)
    {
        if (mode == AddressingMode.Trusted || ((index + offset) & (width - 1)) == 0) return;
        if (mode == AddressingMode.Checked && (index + offset < index || index + offset + width < width)) return;
        throw new GuestFault(TrapKind.UnalignedAtomic);
    }
}
