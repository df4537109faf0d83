// Arguments, environment, clocks, random numbers, exit and signals.

using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Wasi;

public sealed class WasiProcessTests
{
    [Fact]
    public void Arguments_and_environment_arrive_as_strings()
    {
        using var guest = new WasiGuest(new WasiOptions
        {
            Arguments = ["prog", "", "grüße"],
            Environment = [new("A", "1"), new("EMPTY", ""), new("B", "x=y")],
        });
        Assert.Equal(["prog", "", "grüße"], Strings(guest, "args"));
        Assert.Equal(["A=1", "EMPTY=", "B=x=y"], Strings(guest, "environ"));
        uint end = WasiGuest.MemorySize;
        Assert.Equal(WasiErrno.Fault, guest.Call("args_get", end - 11, 0));
        Assert.Equal(WasiErrno.Fault, guest.Call("args_get", 0, end - 13));
        Assert.Equal(WasiErrno.Success, guest.Call("args_get", end - 12, 0));
        Assert.Equal(WasiErrno.Fault, guest.Call("args_get", uint.MaxValue, uint.MaxValue));
    }

    [Fact]
    public void Without_arguments_nothing_is_written()
    {
        using var guest = new WasiGuest();
        uint at = guest.Allocate(8);
        guest.Memory.WriteUInt64(at, ulong.MaxValue);
        Assert.Equal(WasiErrno.Success, guest.Call("args_sizes_get", at, at + 4));
        Assert.Equal(0UL, guest.UInt64(at));
        Assert.Equal(WasiErrno.Success, guest.Call("args_get", 0, 0));
    }

    [Fact]
    public void What_no_guest_could_be_given_is_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => new WasiGuest(new WasiOptions { Arguments = ["a\0b"] }));
        Assert.Throws<ArgumentException>(() => new WasiGuest(new WasiOptions { Environment = [new("", "x")] }));
        Assert.Throws<ArgumentException>(() => new WasiGuest(new WasiOptions { Environment = [new("a=b", "x")] }));
        Assert.Throws<ArgumentException>(() => new WasiGuest(new WasiOptions { Environment = [new("a", "x\0")] }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WasiGuest(new WasiOptions { MaximumDescriptors = 2 }));
    }

    [Fact]
    public void Clocks_tell_the_systems_time()
    {
        using var guest = new WasiGuest();
        uint at = guest.Allocate(8);
        for (uint clock = 0; clock < 4; clock++)
        {
            Assert.Equal(WasiErrno.Success, guest.Call("clock_res_get", clock, at));
            Assert.NotEqual(0UL, guest.UInt64(at));
            Assert.Equal(WasiErrno.Success, guest.Call("clock_time_get", clock, 0, at));
            ulong first = guest.UInt64(at);
            Assert.NotEqual(0UL, first);
            guest.Call("clock_time_get", clock, 0, at);
            if (clock != 0) Assert.True(guest.UInt64(at) >= first);
        }
        guest.Call("clock_time_get", 0, 0, at);
        Assert.Equal(DateTime.UtcNow, DateTime.UnixEpoch.AddTicks((long)(guest.UInt64(at) / 100)), TimeSpan.FromMinutes(1));
        Assert.Equal(WasiErrno.Invalid, guest.Call("clock_time_get", 4, 0, at));
        Assert.Equal(WasiErrno.Invalid, guest.Call("clock_res_get", uint.MaxValue, at));
        Assert.Equal(WasiErrno.Fault, guest.Call("clock_time_get", 0, 0, WasiGuest.MemorySize - 7));
    }

    [Fact]
    public void A_host_can_replace_the_clock()
    {
        using var guest = new WasiGuest(new WasiOptions { TimeProvider = new ManualTime() });
        uint at = guest.Allocate(8);
        Assert.Equal(WasiErrno.Success, guest.Call("clock_time_get", 0, 0, at));
        Assert.Equal(1_000_000_000UL, guest.UInt64(at));
        Assert.Equal(WasiErrno.Success, guest.Call("clock_time_get", 1, 0, at));
        Assert.Equal(5_000_000_000UL, guest.UInt64(at));
        Assert.Equal(WasiErrno.Success, guest.Call("clock_res_get", 1, at));
        Assert.Equal(1_000_000UL, guest.UInt64(at));
    }

    [Fact]
    public void Random_bytes_fill_the_buffer_and_only_it()
    {
        using var guest = new WasiGuest();
        uint at = guest.Allocate(300_016);
        Assert.Equal(WasiErrno.Success, guest.Call("random_get", at + 8, 300_000));
        Span<byte> bytes = guest.Memory.Slice(at, 300_016);
        Assert.Equal(0, bytes[..8].IndexOfAnyExcept((byte)0) + 1);
        Assert.Equal(0, bytes[300_008..].IndexOfAnyExcept((byte)0) + 1);
        Assert.InRange(bytes[8..^8].Count((byte)0), 500, 2500);
        Assert.Equal(WasiErrno.Success, guest.Call("random_get", WasiGuest.MemorySize, 0));
        Assert.Equal(WasiErrno.Fault, guest.Call("random_get", 1, WasiGuest.MemorySize));
        Assert.Equal(WasiErrno.Fault, guest.Call("random_get", 0, uint.MaxValue));
    }

    [Fact]
    public void A_host_can_replace_the_random_source()
    {
        using var guest = new WasiGuest(new WasiOptions { RandomSource = new Random(1).NextBytes });
        byte[] expected = new byte[10];
        new Random(1).NextBytes(expected);
        uint at = guest.Allocate(10);
        guest.Call("random_get", at, 10);
        Assert.Equal(expected, guest.Memory.Slice(at, 10).ToArray());
    }

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(42u, 42)]
    [InlineData(uint.MaxValue, -1)]
    public void Exit_is_an_exception_with_the_code(uint code, int expected)
    {
        using var guest = new WasiGuest();
        Assert.Equal(expected, Assert.Throws<WasmExit>(() => guest.Call("proc_exit", code)).ExitCode);
    }

    [Fact]
    public void Signals_do_what_they_do_to_a_program_without_handlers()
    {
        using var guest = new WasiGuest();
        Assert.Equal(134, Assert.Throws<WasmExit>(() => guest.Call("proc_raise", 6)).ExitCode);
        Assert.Equal(143, Assert.Throws<WasmExit>(() => guest.Call("proc_raise", 15)).ExitCode);
        Assert.Equal(152, Assert.Throws<WasmExit>(() => guest.Call("proc_raise", 23)).ExitCode);
        Assert.Equal(WasiErrno.Success, guest.Call("proc_raise", 16));
        Assert.Equal(WasiErrno.NotSupported, guest.Call("proc_raise", 18));
        Assert.Equal(WasiErrno.Invalid, guest.Call("proc_raise", 31));
    }

    [Fact]
    public void Yielding_succeeds_unless_cancelled()
    {
        using var guest = new WasiGuest();
        Assert.Equal(WasiErrno.Success, guest.Call("sched_yield"));
        guest.Cancellation = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => guest.Call("sched_yield"));
    }

    [Fact]
    public void After_disposal_every_descriptor_is_bad()
    {
        var guest = new WasiGuest();
        guest.Dispose();
        Assert.Equal(WasiErrno.BadDescriptor, guest.Read(0, 1, out _));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Call("fd_close", 1));
    }

    private static string[] Strings(WasiGuest guest, string function)
    {
        uint sizes = guest.Allocate(8);
        Assert.Equal(WasiErrno.Success, guest.Call(function + "_sizes_get", sizes, sizes + 4));
        int count = (int)guest.UInt32(sizes), size = (int)guest.UInt32(sizes + 4);
        uint pointers = guest.Allocate(count * 4), strings = guest.Allocate(size);
        Assert.Equal(WasiErrno.Success, guest.Call(function + "_get", pointers, strings));
        var result = new string[count];
        for (int i = 0; i < count; i++)
        {
            uint at = guest.UInt32(pointers + (uint)i * 4);
            uint length = 0;
            while (guest.Memory.ReadUInt8(at + length) != 0) length++;
            Assert.True(at + length < strings + size);
            result[i] = guest.Text(at, length);
        }
        return result;
    }

    private sealed class ManualTime : TimeProvider
    {
        public override long TimestampFrequency => 1000;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(1);

        public override long GetTimestamp() => 5000;
    }
}
