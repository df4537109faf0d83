// The calls into the C library and the kernel that the runtime needs, with the numbers of Linux on x86-64. All blittable.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// What needs no marshalling is called from precompiled code without a stub made at start; nothing here wants the last error.
[assembly: DisableRuntimeMarshalling]

namespace Anneal.Runtime;

/// <summary>System calls of the runtime.</summary>
internal static unsafe partial class Libc
{
    public const int ProtNone = 0;
    public const int ProtRead = 1;
    public const int ProtWrite = 2;
    public const int ProtExec = 4;
    public const int MapShared = 1;
    public const int MapPrivate = 2;
    public const int MapAnonymous = 0x20;
    public const int MapNoReserve = 0x4000;
    public const int AdviseDontNeed = 4;
    public const int AdviseRemove = 9;
    public const int RemapMayMove = 1;
    public const int SignalIllegal = 4;
    public const int SignalBus = 7;
    public const int SignalFloat = 8;
    public const int SignalSegv = 11;

    /// <summary>What mmap returns on failure.</summary>
    public static readonly void* MapFailed = (void*)-1;

    [DllImport("libc", EntryPoint = "mmap")]
    public static extern void* Map(void* address, nuint length, int protection, int flags, int fd, long offset);

    [DllImport("libc", EntryPoint = "munmap")]
    public static extern int Unmap(void* address, nuint length);

    [DllImport("libc", EntryPoint = "mremap")]
    public static extern void* Remap(void* address, nuint oldLength, nuint newLength, int flags);

    [DllImport("libc", EntryPoint = "mprotect")]
    public static extern int Protect(void* address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "madvise")]
    public static extern int Advise(void* address, nuint length, int advice);

    [DllImport("libc", EntryPoint = "memfd_create")]
    public static extern int CreateMemoryFile(byte* name, uint flags);

    [DllImport("libc", EntryPoint = "ftruncate")]
    public static extern int Truncate(int fd, long length);

    [DllImport("libc", EntryPoint = "close")]
    public static extern int Close(int fd);

    [DllImport("libc", EntryPoint = "fallocate")]
    public static extern int Allocate(int fd, int mode, long offset, long length);

    [DllImport("libc", EntryPoint = "sigaction")]
    public static extern int SignalAction(int signal, void* action, void* previous);

    [DllImport("libc", EntryPoint = "pthread_self")]
    public static extern nint ThreadSelf();

    [DllImport("libc", EntryPoint = "pthread_getattr_np")]
    public static extern int ThreadAttributes(nint thread, void* attributes);

    [DllImport("libc", EntryPoint = "pthread_attr_getstack")]
    public static extern int AttributeStack(void* attributes, void** address, nuint* size);

    [DllImport("libc", EntryPoint = "pthread_attr_destroy")]
    public static extern int DestroyAttributes(void* attributes);
}
