// poll_oneoff: waits until a clock, a host descriptor or a host stream is ready. One ppoll(2) covers all of them: streams, timers
// of a host's TimeProvider and cancellation arrive through a wake signal in the poll set.

using System.Buffers;
using Anneal.Wasm.Wasi.Descriptors;
using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi;

internal sealed unsafe partial class WasiPreview1
{
    // As poll(2) does, a limit on what one call can make the host allocate.
    private const uint MaximumSubscriptions = 16 * 1024;

    // A wait is looked at again at least this often, which keeps every duration small enough for timers.
    private const ulong LongestWait = 3600UL * TimeSpec.Billion;

    public WasiErrno PollOneOff(
        in GuestMemory memory, uint input, uint output, uint count, uint result, CancellationToken cancellation)
    {
        if (count is 0 or > MaximumSubscriptions) return WasiErrno.Invalid;
        _ = memory.Pointer(input, (ulong)count * WasiLayout.Subscription);
        _ = memory.Pointer(output, (ulong)count * WasiLayout.Event);
        _ = memory.Pointer(result, 4);
        cancellation.ThrowIfCancellationRequested();
        PollSubscription[] pool = ArrayPool<PollSubscription>.Shared.Rent((int)count);
        Span<PollSubscription> subscriptions = pool.AsSpan(0, (int)count);
        subscriptions.Clear();
        try
        {
            WasiErrno error = ReadSubscriptions(memory, input, subscriptions, out int polled, out bool needsWake);
            if (error == WasiErrno.Success) error = Wait(subscriptions, polled, needsWake, cancellation);
            if (error != WasiErrno.Success) return error;
            uint events = 0;
            for (int i = 0; i < subscriptions.Length; i++)
            {
                if (!subscriptions[i].IsReady) continue;
                WriteEvent(memory, output + events * WasiLayout.Event, subscriptions[i]);
                events++;
            }
            memory.WriteUInt32(result, events);
            return WasiErrno.Success;
        }
        finally
        {
            ArrayPool<PollSubscription>.Shared.Return(pool, clearArray: true);
        }
    }

    // The input is copied before anything is written: a guest may pass one buffer for both.
    private WasiErrno ReadSubscriptions(
        in GuestMemory memory, uint input, Span<PollSubscription> subscriptions, out int polled, out bool needsWake)
    {
        polled = 0;
        needsWake = false;
        for (int i = 0; i < subscriptions.Length; i++)
        {
            uint at = input + (uint)i * WasiLayout.Subscription;
            ref PollSubscription subscription = ref subscriptions[i];
            subscription.UserData = memory.ReadUInt64(at);
            subscription.Type = (WasiEventType)memory.ReadUInt8(at + 8);
            if (subscription.Type > WasiEventType.FdWrite) return WasiErrno.Invalid;
            if (subscription.Type == WasiEventType.Clock)
            {
                WasiErrno error = ReadDueTime(memory, at + 16, out subscription.Due);
                if (error != WasiErrno.Success) subscription.Complete(error);
                continue;
            }
            bool reads = subscription.Type == WasiEventType.FdRead;
            WasiErrno found = Find(memory.ReadUInt32(at + 16), WasiRights.None, out Descriptor descriptor);
            if (found != WasiErrno.Success)
            {
                subscription.Complete(found);
                continue;
            }
            subscription.Descriptor = descriptor;
            if (descriptor is DirectoryDescriptor)
            {
                subscription.Complete(WasiErrno.Success);
                continue;
            }
            found = descriptor.Require(WasiRights.PollFdReadWrite | (reads ? WasiRights.FdRead : WasiRights.FdWrite));
            if (found != WasiErrno.Success)
            {
                subscription.Complete(found);
            }
            else if (descriptor is StreamDescriptor)
            {
                if (reads) needsWake = true;
                else subscription.Complete(WasiErrno.Success);
            }
            else if (descriptor is FileDescriptor { MayBlock: true })
            {
                polled++;
            }
            else
            {
                subscription.Complete(WasiErrno.Success);
                if (reads) subscription.Bytes = BytesToEnd(descriptor);
            }
        }
        return WasiErrno.Success;
    }

    // When a clock subscription is due, on the monotonic clock.
    private WasiErrno ReadDueTime(in GuestMemory memory, uint at, out ulong due)
    {
        due = 0;
        var clock = (WasiClock)memory.ReadUInt32(at);
        ulong timeout = memory.ReadUInt64(at + 8);
        uint flags = memory.ReadUInt16(at + 24);
        if (flags > 1 || clock > WasiClock.ThreadCpu) return WasiErrno.Invalid;
        // Waiting doesn't use processor time, so a wait for it wouldn't end.
        if (clock > WasiClock.Monotonic) return WasiErrno.NotSupported;
        WasiErrno error = clocks.Time(WasiClock.Monotonic, out ulong now);
        if (error != WasiErrno.Success) return error;
        if (flags == 1)
        {
            error = clocks.Time(clock, out ulong current);
            if (error != WasiErrno.Success) return error;
            timeout = timeout > current ? timeout - current : 0;
        }
        due = timeout > ulong.MaxValue - now ? ulong.MaxValue : now + timeout;
        return WasiErrno.Success;
    }

    // Returns when at least one subscription is ready.
    private WasiErrno Wait(Span<PollSubscription> subscriptions, int polled, bool needsWake, CancellationToken cancellation)
    {
        if (polled == 0 && !needsWake && AnyReady(subscriptions, wake: null)) return WasiErrno.Success;
        WakeSignal? wake = null;
        CancellationTokenRegistration registration = default;
        PollDescriptor[] pool = ArrayPool<PollDescriptor>.Shared.Rent(polled + 1);
        int referenced = 0;
        try
        {
            // A wait that only a system clock can end needs no signal.
            if (needsWake || cancellation.CanBeCanceled || clocks.Provider is not null)
            {
                wake = RentWake();
                if (wake is null) return LinuxErrno.LastAsWasi;
                registration = wake.SignalOn(cancellation);
            }
            fixed (PollDescriptor* poll = pool)
            {
                int used = FillPollSet(subscriptions, poll, ref referenced);
                if (wake is not null)
                {
                    poll[used++] = new PollDescriptor
                    {
                        Descriptor = (int)wake.Descriptor.DangerousGetHandle(),
                        Events = PollDescriptor.In,
                    };
                }
                while (true)
                {
                    bool ready = AnyReady(subscriptions, wake);
                    ulong rest = ready ? 0 : TimeToFirst(subscriptions);
                    WasiErrno error = PollOnce(poll, used, rest, wake);
                    if (error != WasiErrno.Success) return error;
                    cancellation.ThrowIfCancellationRequested();
                    Collect(subscriptions, poll);
                    if (AnyReady(subscriptions, wake)) return WasiErrno.Success;
                }
            }
        }
        finally
        {
            registration.Dispose();
            ReturnWake(wake);
            foreach (ref PollSubscription subscription in subscriptions)
            {
                if (referenced == 0) break;
                if (!subscription.IsPolled) continue;
                subscription.Descriptor!.Handle!.DangerousRelease();
                referenced--;
            }
            ArrayPool<PollDescriptor>.Shared.Return(pool);
        }
    }

    // Guests that schedule their own threads sleep here all the time: one signal is kept between calls. A signal that comes late,
    // for an earlier wait, wakes a later one for nothing, which then looks and waits on.
    private WakeSignal? RentWake()
    {
        WakeSignal? wake = Interlocked.Exchange(ref spareWake, null);
        if (wake is null) return WakeSignal.TryCreate();
        if (wake.WasSignalled) wake.Reset();
        return wake;
    }

    private void ReturnWake(WakeSignal? wake)
    {
        if (wake is not null && Interlocked.CompareExchange(ref spareWake, wake, null) is not null) wake.Dispose();
    }

    private static int FillPollSet(Span<PollSubscription> subscriptions, PollDescriptor* poll, ref int referenced)
    {
        int used = 0;
        foreach (ref PollSubscription subscription in subscriptions)
        {
            if (subscription.IsReady || subscription.Descriptor is not FileDescriptor file) continue;
            bool added = false;
            file.Handle.DangerousAddRef(ref added);
            subscription.IsPolled = true;
            referenced++;
            poll[used++] = new PollDescriptor
            {
                Descriptor = (int)file.Handle.DangerousGetHandle(),
                Events = subscription.Type == WasiEventType.FdRead ? PollDescriptor.In : PollDescriptor.Out,
            };
        }
        return used;
    }

    private WasiErrno PollOnce(PollDescriptor* poll, int used, ulong rest, WakeSignal? wake)
    {
        rest = Math.Min(rest, LongestWait);
        ITimer? timer = null;
        // A host's clock ends the wait by its own timer, so that a clock that stands still makes the guest stand still.
        if (rest != 0 && clocks.Provider is { } provider)
        {
            TimeSpan due = TimeSpan.FromTicks((long)((rest + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick));
            timer = provider.CreateTimer(static state => ((WakeSignal)state!).Signal(), wake, due, Timeout.InfiniteTimeSpan);
        }
        using (timer)
        {
            TimeSpec timeout = TimeSpec.FromNanoseconds(timer is null ? rest : LongestWait);
            int count = Libc.PollPrecise(poll, (nuint)used, &timeout, null);
            if (count < 0 && LinuxErrno.Last != LinuxErrno.EINTR) return LinuxErrno.LastAsWasi;
            if (count <= 0)
            {
                // After a failure the results are not written.
                for (int i = 0; i < used; i++) poll[i].Results = 0;
            }
            else if (wake is not null && poll[used - 1].Results != 0)
            {
                wake.Reset();
            }
        }
        return WasiErrno.Success;
    }

    private static void Collect(Span<PollSubscription> subscriptions, PollDescriptor* poll)
    {
        int next = 0;
        foreach (ref PollSubscription subscription in subscriptions)
        {
            if (!subscription.IsPolled) continue;
            short results = poll[next++].Results;
            if (results == 0) continue;
            subscription.Complete((results & PollDescriptor.Invalid) != 0 ? WasiErrno.BadDescriptor : WasiErrno.Success);
            subscription.HungUp = (results & PollDescriptor.HangUp) != 0;
            int bytes = 0;
            if (subscription.Type == WasiEventType.FdRead
                && Libc.DeviceControl(subscription.Descriptor!.Handle!, LinuxFlags.BytesToRead, &bytes) == 0 && bytes > 0)
            {
                subscription.Bytes = (ulong)bytes;
            }
        }
    }

    // Completes clocks that are due and streams that have something, and says whether anything is ready.
    private bool AnyReady(Span<PollSubscription> subscriptions, WakeSignal? wake)
    {
        bool any = false;
        ulong now = 0;
        foreach (ref PollSubscription subscription in subscriptions)
        {
            if (!subscription.IsReady)
            {
                if (subscription.Type == WasiEventType.Clock)
                {
                    if (now == 0) clocks.Time(WasiClock.Monotonic, out now);
                    if (now >= subscription.Due) subscription.Complete(WasiErrno.Success);
                }
                else if (subscription.Descriptor is StreamDescriptor stream && stream.PollRead(wake!) is { } bytes)
                {
                    subscription.Bytes = bytes;
                    subscription.Complete(WasiErrno.Success);
                }
            }
            any |= subscription.IsReady;
        }
        return any;
    }

    private ulong TimeToFirst(Span<PollSubscription> subscriptions)
    {
        ulong first = ulong.MaxValue;
        foreach (ref readonly PollSubscription subscription in subscriptions)
        {
            if (subscription.Type == WasiEventType.Clock && !subscription.IsReady) first = Math.Min(first, subscription.Due);
        }
        clocks.Time(WasiClock.Monotonic, out ulong now);
        return first > now ? first - now : 0;
    }

    private static ulong BytesToEnd(Descriptor descriptor)
    {
        if (descriptor.Stat(out Statx attributes) != WasiErrno.Success) return 0;
        if (descriptor.Seek(0, 1, out ulong position) != WasiErrno.Success) return 0;
        return attributes.Size > position ? attributes.Size - position : 0;
    }

    private static void WriteEvent(in GuestMemory memory, uint at, in PollSubscription subscription)
    {
        memory.Slice(at, WasiLayout.Event).Clear();
        memory.WriteUInt64(at, subscription.UserData);
        memory.WriteUInt16(at + 8, (ushort)subscription.Error);
        memory.WriteUInt8(at + 10, (byte)subscription.Type);
        memory.WriteUInt64(at + 16, subscription.Bytes);
        memory.WriteUInt16(at + 24, subscription.HungUp ? (ushort)1 : (ushort)0);
    }
}
