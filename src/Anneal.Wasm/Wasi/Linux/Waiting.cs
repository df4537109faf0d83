// Waiting for one host descriptor in a way that cancellation ends at once. poll_oneoff has its own, wider wait.

namespace Anneal.Wasm.Wasi.Linux;

/// <summary>Waits for host descriptors to become ready.</summary>
internal static unsafe class Waiting
{
    /// <summary>Whether a descriptor is ready now. Errors and hang-ups count: the transfer will report them.</summary>
    public static WasiErrno Ready(SafeFileDescriptor file, short events, out bool ready, PollDescriptor* poll)
    {
        bool referenced = false;
        try
        {
            file.DangerousAddRef(ref referenced);
            poll->Descriptor = (int)file.DangerousGetHandle();
            poll->Events = events;
            poll->Results = 0;
            int count;
            do
            {
                count = Libc.Poll(poll, 1, 0);
            }
            while (count < 0 && LinuxErrno.Last == LinuxErrno.EINTR);
            ready = count > 0;
            return count < 0 ? LinuxErrno.LastAsWasi : WasiErrno.Success;
        }
        finally
        {
            if (referenced) file.DangerousRelease();
        }
    }

    /// <summary>Waits until a descriptor is ready.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public static WasiErrno WaitFor(SafeFileDescriptor file, short events, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using WakeSignal? wake = WakeSignal.TryCreate();
        if (wake is null) return LinuxErrno.LastAsWasi;
        using CancellationTokenRegistration registration = wake.SignalOn(cancellation);
        bool referenced = false;
        try
        {
            file.DangerousAddRef(ref referenced);
            PollDescriptor* poll = stackalloc PollDescriptor[2];
            poll[0] = new PollDescriptor { Descriptor = (int)file.DangerousGetHandle(), Events = events };
            poll[1] = new PollDescriptor { Descriptor = (int)wake.Descriptor.DangerousGetHandle(), Events = PollDescriptor.In };
            while (true)
            {
                int count = Libc.Poll(poll, 2, -1);
                cancellation.ThrowIfCancellationRequested();
                if (count > 0) return WasiErrno.Success;
                if (count < 0 && LinuxErrno.Last != LinuxErrno.EINTR) return LinuxErrno.LastAsWasi;
            }
        }
        finally
        {
            if (referenced) file.DangerousRelease();
        }
    }
}
