// What a helper expects in an argument register: the verifier checks it, the sandbox resolves pointers by it (so that a helper
// always gets host addresses of memory that is the guest's for as many bytes as it may touch).

namespace Anneal.Ebpf;

/// <summary>The type of a helper's argument.</summary>
public enum ArgumentType
{
    /// <summary>No argument (those after are none either).</summary>
    None,

    /// <summary>Any initialized value; the helper takes it as a number.</summary>
    Anything,

    /// <summary>A map, from a 64-bit immediate (or a map found in a map of maps).</summary>
    ConstMapPointer,

    /// <summary>Readable memory of the preceding map argument's key size.</summary>
    MapKey,

    /// <summary>Readable memory of the preceding map argument's value size.</summary>
    MapValue,

    /// <summary>Writable memory of the preceding map argument's value size, which need not be initialized.</summary>
    UninitializedMapValue,

    /// <summary>Readable memory; the next argument is its size.</summary>
    ReadableMemory,

    /// <summary>The same, or null when the size is zero.</summary>
    ReadableMemoryOrNull,

    /// <summary>Memory that the helper reads and writes; the next argument is its size.</summary>
    WritableMemory,

    /// <summary>Memory that the helper writes and that need not be initialized; the next argument is its size.</summary>
    UninitializedMemory,

    /// <summary>The same, or null when the size is zero.</summary>
    UninitializedMemoryOrNull,

    /// <summary>The size of the preceding memory, not zero, bounded.</summary>
    MemorySize,

    /// <summary>The size of the preceding memory, zero allowed, bounded.</summary>
    MemorySizeOrZero,

    /// <summary>The program's context, unmodified.</summary>
    Context,

    /// <summary>The program's context, or null.</summary>
    ContextOrNull,

    /// <summary>Memory of the program's stack or null, which the helper passes on to a callback (no access by the helper).</summary>
    StackPointerOrNull,

    /// <summary>Writable memory of four bytes, which need not be initialized.</summary>
    UninitializedInt32,

    /// <summary>Writable memory of eight bytes, which need not be initialized.</summary>
    UninitializedInt64,

    /// <summary>A subprogram, from a 64-bit immediate (see <see cref="HelperPrototype.Callback"/>).</summary>
    Callback,

    /// <summary>Memory that a helper with <see cref="HelperEffects.Acquires"/> gave; this call gives it back.</summary>
    AcquiredMemory,

    /// <summary>A constant number of bytes, of which the returned memory has as many.</summary>
    ConstAllocationSize,

    /// <summary>The address of a zero-terminated string in a frozen array map.</summary>
    ConstString,

    /// <summary>
    /// An address, or any number: the helper reads from there, as many bytes as the size argument before it says, only what the
    /// program owns. A pointer to the stack must be to so many bytes of data.
    /// </summary>
    ProbedMemory,

    /// <summary>The same, read up to a zero byte: a pointer to the stack must be to data.</summary>
    ProbedText,
}
