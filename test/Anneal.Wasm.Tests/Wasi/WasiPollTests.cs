// poll_oneoff, and waiting on pipes of the host.

using System.Diagnostics;
using System.IO.Pipelines;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Wasi;

public sealed class WasiPollTests
{
    private const uint Millisecond = 1_000_000;

    [Fact]
    public void A_relative_clock_fires_no_sooner_than_asked_for()
    {
        using var guest = new WasiGuest();
        uint input = guest.Allocate(48);
        Clock(guest, input, 77, clock: 1, 5 * Millisecond, absolute: false);
        long before = Stopwatch.GetTimestamp();
        var events = Poll(guest, input, 1);
        Assert.True(Stopwatch.GetElapsedTime(before) >= TimeSpan.FromMilliseconds(5));
        Assert.Equal([(77UL, WasiErrno.Success, WasiEventType.Clock, 0UL, (ushort)0)], events);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    public void An_absolute_clock_in_the_past_fires_at_once_and_alone(uint clock)
    {
        using var guest = new WasiGuest();
        uint input = guest.Allocate(96);
        Clock(guest, input, 1, clock, 1, absolute: true);
        Clock(guest, input + 48, 2, clock, ulong.MaxValue, absolute: false);
        Assert.Equal([(1UL, WasiErrno.Success, WasiEventType.Clock, 0UL, (ushort)0)], Poll(guest, input, 2));
        uint at = guest.Allocate(8);
        guest.Call("clock_time_get", clock, 0, at);
        Clock(guest, input, 3, clock, guest.UInt64(at) + 3 * Millisecond, absolute: true);
        Assert.Equal(3UL, Poll(guest, input, 2).Single().UserData);
    }

    [Fact]
    public void What_cant_be_waited_for_is_reported_by_event()
    {
        using var guest = new WasiGuest();
        uint input = guest.Allocate(48 * 5);
        Clock(guest, input, 1, clock: 2, 1, absolute: false);
        Clock(guest, input + 48, 2, clock: 9, 1, absolute: false);
        Descriptor(guest, input + 96, 3, WasiEventType.FdRead, 99);
        Descriptor(guest, input + 144, 4, WasiEventType.FdRead, 1);
        Clock(guest, input + 192, 5, clock: 1, ulong.MaxValue, absolute: false);
        Assert.Equal(
            [WasiErrno.NotSupported, WasiErrno.Invalid, WasiErrno.BadDescriptor, WasiErrno.BadDescriptor],
            Poll(guest, input, 5).Select(occurred => occurred.Error));
    }

    [Fact]
    public void Malformed_calls_are_refused()
    {
        using var guest = new WasiGuest();
        uint input = guest.Allocate(48), output = guest.Allocate(32), result = guest.Allocate(4);
        Assert.Equal(WasiErrno.Invalid, guest.Call("poll_oneoff", input, output, 0, result));
        Assert.Equal(WasiErrno.Invalid, guest.Call("poll_oneoff", input, output, uint.MaxValue, result));
        Assert.Equal(WasiErrno.Fault, guest.Call("poll_oneoff", WasiGuest.MemorySize - 47, output, 1, result));
        Assert.Equal(WasiErrno.Fault, guest.Call("poll_oneoff", input, WasiGuest.MemorySize - 31, 1, result));
        Assert.Equal(WasiErrno.Fault, guest.Call("poll_oneoff", input, output, 1, uint.MaxValue));
        guest.Memory.WriteUInt8(input + 8, 3);
        Assert.Equal(WasiErrno.Invalid, guest.Call("poll_oneoff", input, output, 1, result));
        guest.Memory.WriteUInt8(input + 8, 0);
        guest.Memory.WriteUInt16(input + 40, 2);
        Assert.Equal(WasiErrno.Success, guest.Call("poll_oneoff", input, output, 1, result));
        Assert.Equal((ushort)WasiErrno.Invalid, guest.Memory.ReadUInt16(output + 8));
    }

    [Fact]
    public void Files_are_always_ready_and_say_what_is_left()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["f"], "0123456789");
        using var guest = new WasiGuest(new WasiOptions { Directories = [new(directory.Inside, "/")] });
        uint fd = guest.OpenOrFail("f", rights: WasiRights.All);
        guest.Read(fd, 4, out _);
        uint input = guest.Allocate(144);
        Descriptor(guest, input, 1, WasiEventType.FdRead, fd);
        Descriptor(guest, input + 48, 2, WasiEventType.FdWrite, fd);
        Clock(guest, input + 96, 3, 1, ulong.MaxValue, absolute: false);
        Assert.Equal(
            [(1UL, WasiErrno.Success, WasiEventType.FdRead, 6UL, (ushort)0), (2UL, WasiErrno.Success, WasiEventType.FdWrite, 0UL, (ushort)0)],
            Poll(guest, input, 3));
    }

    [Fact]
    public void One_buffer_can_hold_subscriptions_and_events()
    {
        using var guest = new WasiGuest();
        uint both = guest.Allocate(48 * 3), result = guest.Allocate(4);
        for (uint i = 0; i < 3; i++) Clock(guest, both + 48 * i, 10 + i, 1, 1, absolute: true);
        Assert.Equal(WasiErrno.Success, guest.Call("poll_oneoff", both, both, 3, result));
        Assert.Equal(3u, guest.UInt32(result));
        for (uint i = 0; i < 3; i++) Assert.Equal(10 + i, guest.UInt64(both + 32 * i));
    }

    [Fact]
    public void A_stream_wakes_the_guest_when_it_has_something()
    {
        var pipe = new Pipe();
        using var guest = new WasiGuest(new WasiOptions { StandardInput = pipe.Reader.AsStream() });
        uint input = guest.Allocate(96);
        Descriptor(guest, input, 1, WasiEventType.FdRead, 0);
        Clock(guest, input + 48, 2, 1, Millisecond, absolute: false);
        Assert.Equal(2UL, Poll(guest, input, 2).Single().UserData);
        Clock(guest, input + 48, 2, 1, ulong.MaxValue, absolute: false);
        var writer = new Thread(() =>
        {
            Thread.Sleep(10);
            pipe.Writer.WriteAsync("hello"u8.ToArray()).AsTask().Wait();
        });
        writer.Start();
        Assert.Equal([(1UL, WasiErrno.Success, WasiEventType.FdRead, 5UL, (ushort)0)], Poll(guest, input, 2));
        writer.Join();
        guest.Read(0, 10, out string text);
        Assert.Equal("hello", text);
        pipe.Writer.Complete();
        Assert.Equal([(1UL, WasiErrno.Success, WasiEventType.FdRead, 0UL, (ushort)0)], Poll(guest, input, 2));
        Assert.Equal(WasiErrno.Success, guest.Read(0, 10, out text));
        Assert.Equal("", text);
    }

    [Fact]
    public void A_sleep_ends_when_cancelled()
    {
        using var guest = new WasiGuest();
        uint input = guest.Allocate(96);
        Clock(guest, input, 1, 1, ulong.MaxValue, absolute: false);
        using var cancel = new CancellationTokenSource();
        guest.Cancellation = cancel.Token;
        cancel.CancelAfter(20);
        Assert.Throws<OperationCanceledException>(() => Poll(guest, input, 1));
        Assert.Throws<OperationCanceledException>(() => Poll(guest, input, 1));
    }

    [Fact]
    public void A_hosts_clock_decides_how_long_a_sleep_is()
    {
        var time = new SteppedTime();
        using var guest = new WasiGuest(new WasiOptions { TimeProvider = time });
        uint input = guest.Allocate(48);
        Clock(guest, input, 1, 1, 3600UL * 1000 * Millisecond, absolute: false);
        Assert.Equal(1UL, Poll(guest, input, 1).Single().UserData);
        Assert.Equal(TimeSpan.FromHours(1), time.Slept);
    }

    [Fact]
    public void Pipes_of_the_host_block_wake_and_cancel()
    {
        using var directory = new TemporaryDirectory();
        using (var make = Process.Start("mkfifo", directory["pipe"])) make.WaitForExit();
        using var guest = new WasiGuest(new WasiOptions { Directories = [new(directory.Inside, "/")] });
        // Opened for both directions, so that neither end waits for the other.
        uint fd = guest.OpenOrFail("pipe", rights: WasiRights.FdRead | WasiRights.FdWrite | WasiRights.PollFdReadWrite | WasiRights.FdFdStatSetFlags);
        Assert.Equal(WasiFileType.Unknown, guest.FdStat(fd).Type);
        uint at = guest.Allocate(8);
        Assert.Equal(WasiErrno.InvalidSeek, guest.Call("fd_seek", fd, 0, 0, at));
        Assert.Equal(WasiErrno.InvalidSeek, guest.Call("fd_pread", fd, 0, 0, 0, at));
        using var cancel = new CancellationTokenSource();
        guest.Cancellation = cancel.Token;
        cancel.CancelAfter(20);
        Assert.Throws<OperationCanceledException>(() => guest.Read(fd, 1, out _));
        using var later = new CancellationTokenSource();
        guest.Cancellation = later.Token;
        guest.Write(fd, "hello", out _);
        uint input = guest.Allocate(96);
        Descriptor(guest, input, 1, WasiEventType.FdRead, fd);
        Descriptor(guest, input + 48, 2, WasiEventType.FdWrite, fd);
        Assert.Equal([(1UL, 5UL), (2UL, 0UL)], Poll(guest, input, 2).Select(occurred => (occurred.UserData, occurred.Bytes)));
        guest.Read(fd, 10, out string text);
        Assert.Equal("hello", text);

        // A full pipe: a write blocks until cancelled, or says so when it may not block.
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_flags", fd, (ulong)WasiFdFlags.NonBlock));
        Assert.Equal(WasiErrno.Again, guest.Read(fd, 1, out _));
        string block = new('x', 60_000);
        while (guest.Write(fd, block, out uint written) == WasiErrno.Success) Assert.NotEqual(0u, written);
        Assert.Equal(WasiErrno.Again, guest.Write(fd, block, out _));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_flags", fd, 0));
        later.CancelAfter(20);
        Assert.Throws<OperationCanceledException>(() => guest.Write(fd, block, out _));
    }

    private static void Clock(WasiGuest guest, uint at, ulong userData, uint clock, ulong timeout, bool absolute)
    {
        guest.Memory.Slice(at, 48).Clear();
        guest.Memory.WriteUInt64(at, userData);
        guest.Memory.WriteUInt32(at + 16, clock);
        guest.Memory.WriteUInt64(at + 24, timeout);
        guest.Memory.WriteUInt16(at + 40, absolute ? (ushort)1 : (ushort)0);
    }

    private static void Descriptor(WasiGuest guest, uint at, ulong userData, WasiEventType type, uint fd)
    {
        guest.Memory.Slice(at, 48).Clear();
        guest.Memory.WriteUInt64(at, userData);
        guest.Memory.WriteUInt8(at + 8, (byte)type);
        guest.Memory.WriteUInt32(at + 16, fd);
    }

    private static List<(ulong UserData, WasiErrno Error, WasiEventType Type, ulong Bytes, ushort Flags)> Poll(
        WasiGuest guest, uint input, uint count)
    {
        uint output = guest.Allocate((int)count * 32), result = guest.Allocate(4);
        Assert.Equal(WasiErrno.Success, guest.Call("poll_oneoff", input, output, count, result));
        var events = new List<(ulong, WasiErrno, WasiEventType, ulong, ushort)>();
        for (uint i = 0; i < guest.UInt32(result); i++)
        {
            uint at = output + 32 * i;
            events.Add((guest.UInt64(at), (WasiErrno)guest.Memory.ReadUInt16(at + 8), (WasiEventType)guest.Memory.ReadUInt8(at + 10),
                guest.UInt64(at + 16), guest.Memory.ReadUInt16(at + 24)));
        }
        return events;
    }

    // A clock on which every timer is due at once, and which then has moved on by its time.
    private sealed class SteppedTime : TimeProvider
    {
        public TimeSpan Slept { get; private set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Slept.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Slept += dueTime;
            callback(state);
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
