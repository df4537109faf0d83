// Owns a host file descriptor. Every system call takes the handle, not the number: the runtime's reference count then keeps a
// descriptor open while a call uses it, so that a close on another thread can't hand the number to an unrelated file.

using System.Runtime.InteropServices;

namespace Anneal.Wasm.Wasi.Linux;

/// <summary>A host file descriptor, closed with the last use.</summary>
internal sealed class SafeFileDescriptor : SafeHandle
{
    public SafeFileDescriptor() : base(-1, ownsHandle: true)
    {
    }

    /// <summary>Wraps a descriptor.</summary>
    /// <param name="descriptor">The number.</param>
    /// <param name="ownsHandle">False for one that belongs to the process, such as its standard streams.</param>
    public SafeFileDescriptor(int descriptor, bool ownsHandle) : base(-1, ownsHandle) => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    // An error of close (even EINTR) leaves the descriptor closed on Linux: there is nothing to retry.
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
