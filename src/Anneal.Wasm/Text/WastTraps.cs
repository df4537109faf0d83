// The names of traps in scripts. Scripts name traps in the words of the reference interpreter, sometimes with a detail
// behind ("uninitialized element 2"); a name that is not listed fits every trap.

namespace Anneal.Wasm.Text;

internal static class WastTraps
{
    private static readonly (string Start, TrapKind Kind)[] Known =
    [
        ("unreachable", TrapKind.Unreachable),
        ("out of bounds memory access", TrapKind.MemoryOutOfBounds),
        ("out of bounds table access", TrapKind.TableOutOfBounds),
        ("undefined element", TrapKind.TableOutOfBounds),
        ("uninitialized element", TrapKind.IndirectCallToNull),
        ("indirect call type mismatch", TrapKind.IndirectCallTypeMismatch),
        ("integer overflow", TrapKind.IntegerOverflow),
        ("integer divide by zero", TrapKind.IntegerDivideByZero),
        ("invalid conversion to integer", TrapKind.InvalidConversionToInteger),
        ("call stack exhausted", TrapKind.StackExhausted),
        ("null function reference", TrapKind.NullReference),
        ("null reference", TrapKind.NullReference),
        ("unaligned atomic", TrapKind.UnalignedAtomic),
    ];

    /// <summary>Whether a trap of a kind is what a script means by a name.</summary>
    public static bool Fits(string name, TrapKind kind)
    {
        foreach ((string start, TrapKind expected) in Known)
        {
            if (name.StartsWith(start, StringComparison.Ordinal))
                return kind == expected;
        }
        return true;
    }
}
