// Atomic read-modify-write at an address that the caller has checked. Both widths are named by the 32-bit op.

namespace Anneal.Bytecode;

internal static unsafe partial class Semantics
{
    public static uint Atomic32(Op op, uint* address, uint value, uint replacement) => op switch
    {
        Op.I32AtomicAdd or Op.I32AtomicFetchAdd => Interlocked.Add(ref *address, value) - value,
        Op.I32AtomicOr or Op.I32AtomicFetchOr => Interlocked.Or(ref *address, value),
        Op.I32AtomicAnd or Op.I32AtomicFetchAnd => Interlocked.And(ref *address, value),
        Op.I32AtomicXor or Op.I32AtomicFetchXor => Xor32(address, value),
        Op.I32AtomicExchange => Interlocked.Exchange(ref *address, value),
        Op.I32AtomicCompareExchange => Interlocked.CompareExchange(ref *address, replacement, value),
        _ => throw new InvalidOperationException($"{OpTable.Mnemonic(op)} is no atomic op"),
    };

    public static ulong Atomic64(Op op, ulong* address, ulong value, ulong replacement) => op switch
    {
        Op.I32AtomicAdd or Op.I32AtomicFetchAdd => Interlocked.Add(ref *address, value) - value,
        Op.I32AtomicOr or Op.I32AtomicFetchOr => Interlocked.Or(ref *address, value),
        Op.I32AtomicAnd or Op.I32AtomicFetchAnd => Interlocked.And(ref *address, value),
        Op.I32AtomicXor or Op.I32AtomicFetchXor => Xor64(address, value),
        Op.I32AtomicExchange => Interlocked.Exchange(ref *address, value),
        Op.I32AtomicCompareExchange => Interlocked.CompareExchange(ref *address, replacement, value),
        _ => throw new InvalidOperationException($"{OpTable.Mnemonic(op)} is no atomic op"),
    };

    private static uint Xor32(uint* address, uint value)
    {
        uint seen = Volatile.Read(ref *address);
        while (true)
        {
            uint found = Interlocked.CompareExchange(ref *address, seen ^ value, seen);
            if (found == seen) return seen;
            seen = found;
        }
    }

    private static ulong Xor64(ulong* address, ulong value)
    {
        ulong seen = Volatile.Read(ref *address);
        while (true)
        {
            ulong found = Interlocked.CompareExchange(ref *address, seen ^ value, seen);
            if (found == seen) return seen;
            seen = found;
        }
    }
}
