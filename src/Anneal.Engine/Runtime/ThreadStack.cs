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

    /// <summary>The lowest address of the thread's stack; 0 if the system doesn't say.</summary>
    public static nuint Bottom => bottom != 0 ? bottom : bottom = Find();

    private static nuint Find()
    {
        byte* attributes = stackalloc byte[AttributesSize];
        if (Libc.ThreadAttributes(Libc.ThreadSelf(), attributes) != 0) return 0;
        void* address;
        nuint size;
        int result = Libc.AttributeStack(attributes, &address, &size);
        _ = Libc.DestroyAttributes(attributes);
        return result == 0 ? (nuint)address : 0;
    }
}
