// The bounds of the operating system thread's stack, asked for once a thread. The one permitted thread-static of the
// engine: it caches a fact about the thread, not state.

namespace Anneal.Runtime;

/// <summary>The calling thread's stack.</summary>
internal static unsafe class ThreadStack
{
    // pthread_attr_t is 56 bytes in the C library of x86-64; the rest is margin.
    private const int AttributesSize = 128;

    [ThreadStatic]
    private static nuint bottom;

    // Native stack that is left to managed code below the guest's limit. First-used .NET code needs 96 KiB, so a thread with
    // little stack leaves less than others, but never so little.
    private const uint Reserve = 256 << 10;
    private const uint LeastReserve = 128 << 10;

    /// <summary>The lowest address that guest code may use: below it is what managed code needs. 0 if the system doesn't say.</summary>
    public static nuint GuestBottom => bottom != 0 ? bottom : bottom = Find();

    private static nuint Find()
    {
        byte* attributes = stackalloc byte[AttributesSize];
        if (Libc.ThreadAttributes(Libc.ThreadSelf(), attributes) != 0) return 0;
        void* address;
        nuint size;
        int result = Libc.AttributeStack(attributes, &address, &size);
        _ = Libc.DestroyAttributes(attributes);
        return result == 0 ? (nuint)address + Math.Clamp(size / 2, LeastReserve, Reserve) : 0;
    }
}
