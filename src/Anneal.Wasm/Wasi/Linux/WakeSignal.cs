// Lets another thread end a wait in poll(2): an event descriptor that stands in the poll set beside the guest's descriptors.
// Cancellation, timers of a TimeProvider and finished stream reads signal it. One signal serves one wait at a time.

namespace Anneal.Wasm.Wasi.Linux;

/// <summary>A descriptor that becomes readable when <see cref="Signal"/> is called.</summary>
internal sealed unsafe class WakeSignal : IDisposable
{
    private volatile bool signalled;

    private WakeSignal(SafeFileDescriptor descriptor) => Descriptor = descriptor;

    public SafeFileDescriptor Descriptor { get; }

    /// <summary>Whether someone signalled since the last <see cref="Reset"/>.</summary>
    public bool WasSignalled => signalled;

    /// <summary>Creates a signal; null when the process has no descriptor left (LinuxErrno.Last says why).</summary>
    public static WakeSignal? TryCreate()
    {
        int descriptor = Libc.EventDescriptor(0, LinuxFlags.EventCloseOnExec | LinuxFlags.EventNonBlock);
        return descriptor < 0 ? null : new WakeSignal(new SafeFileDescriptor(descriptor, ownsHandle: true));
    }

    /// <summary>Ends the wait. A late signal, after the wait is over, does nothing.</summary>
    public void Signal()
    {
        ulong one = 1;
        signalled = true;
        try
        {
            _ = Libc.Write(Descriptor, (byte*)&one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The wait is over: a stream's read or a timer finished later than it.
        }
    }

    /// <summary>Forgets signals so far, before the wait looks at what they were about.</summary>
    public void Reset()
    {
        ulong count;
        signalled = false;
        _ = Libc.Read(Descriptor, (byte*)&count, sizeof(ulong));
    }

    public CancellationTokenRegistration SignalOn(CancellationToken cancellation) =>
        cancellation.UnsafeRegister(static state => ((WakeSignal)state!).Signal(), this);

    public void Dispose() => Descriptor.Dispose();
}
