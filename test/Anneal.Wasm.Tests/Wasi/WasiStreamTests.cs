// Standard streams: those that a host replaces, and the waiting that reading them can mean.

using System.IO.Pipelines;
using System.Text;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Wasi;

public sealed class WasiStreamTests
{
    [Fact]
    public void Output_goes_to_the_hosts_streams_and_is_flushed()
    {
        using var output = new CountingStream();
        using var errors = new MemoryStream();
        using var guest = new WasiGuest(new WasiOptions { StandardOutput = output, StandardError = errors });
        Assert.Equal(WasiErrno.Success, guest.Write(1, "out", out uint written));
        Assert.Equal(3u, written);
        Assert.Equal(1, output.Flushes);
        guest.Write(2, "err", out _);
        Assert.Equal("out", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal("err", Encoding.UTF8.GetString(errors.ToArray()));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Read(1, 1, out _));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Write(0, "x", out _));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_sync", 1));
        Assert.Equal(3, output.Flushes + 1);
    }

    [Fact]
    public void Input_is_read_in_order_up_to_its_end()
    {
        byte[] data = new byte[40_000];
        new Random(1).NextBytes(data);
        using var guest = new WasiGuest(new WasiOptions { StandardInput = new MemoryStream(data) });
        var read = new List<byte>();
        uint buffer = guest.Allocate(1000), result = guest.Allocate(4);
        uint vectors = guest.PutVectors((buffer, 1), (buffer + 1, 0), (buffer + 1, 776));
        while (true)
        {
            Assert.Equal(WasiErrno.Success, guest.Call("fd_read", 0, vectors, 3, result));
            uint size = guest.UInt32(result);
            if (size == 0) break;
            read.AddRange(guest.Memory.Slice(buffer, size).ToArray());
        }
        Assert.Equal(data, read);
    }

    [Fact]
    public void Replaced_streams_arent_terminals()
    {
        using var guest = new WasiGuest();
        foreach (uint fd in new uint[] { 0, 1, 2 })
        {
            var stat = guest.FdStat(fd);
            Assert.Equal(WasiFileType.Unknown, stat.Type);
            Assert.Equal(fd == 0 ? WasiRights.FdRead : WasiRights.FdWrite, stat.Rights & (WasiRights.FdRead | WasiRights.FdWrite));
            Assert.Equal(WasiRights.None, stat.Rights & (WasiRights.FdSeek | WasiRights.FdTell));
        }
    }

    [Fact]
    public async Task A_waiting_read_ends_when_cancelled_and_loses_nothing()
    {
        var pipe = new Pipe();
        using var guest = new WasiGuest(new WasiOptions { StandardInput = new DeafStream(pipe.Reader.AsStream()) });
        using var cancel = new CancellationTokenSource();
        guest.Cancellation = cancel.Token;
        cancel.CancelAfter(20);
        Assert.ThrowsAny<OperationCanceledException>(() => guest.Read(0, 10, out _));
        guest.Cancellation = default;
        await pipe.Writer.WriteAsync("late"u8.ToArray());
        Assert.Equal(WasiErrno.Success, guest.Read(0, 10, out string text));
        Assert.Equal("late", text);
    }

    [Fact]
    public async Task A_non_blocking_read_doesnt_wait()
    {
        var pipe = new Pipe();
        using var guest = new WasiGuest(new WasiOptions { StandardInput = pipe.Reader.AsStream() });
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_flags", 0, (ulong)WasiFdFlags.NonBlock));
        Assert.Equal(WasiErrno.Again, guest.Read(0, 10, out _));
        Assert.Equal(WasiErrno.Again, guest.Read(0, 10, out _));
        await pipe.Writer.WriteAsync("now"u8.ToArray());
        string text = "";
        while (guest.Read(0, 10, out text) == WasiErrno.Again) Thread.Yield();
        Assert.Equal("now", text);
        Assert.Equal(WasiErrno.NotSupported, guest.Call("fd_fdstat_set_flags", 0, (ulong)WasiFdFlags.Append));
    }

    [Fact]
    public void What_a_stream_throws_becomes_an_errno()
    {
        using var guest = new WasiGuest(new WasiOptions
        {
            StandardInput = new FailingStream(new IOException()),
            StandardOutput = new FailingStream(new NotSupportedException()),
            StandardError = new FailingStream(new ObjectDisposedException("stream")),
        });
        Assert.Equal(WasiErrno.IO, guest.Read(0, 1, out _));
        Assert.Equal(WasiErrno.IO, guest.Read(0, 1, out _));
        Assert.Equal(WasiErrno.NotSupported, guest.Write(1, "x", out _));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Write(2, "x", out _));
    }

    [Fact]
    public void Closing_a_standard_stream_leaves_the_hosts_open()
    {
        using var output = new MemoryStream();
        using var guest = new WasiGuest(new WasiOptions { StandardOutput = output });
        Assert.Equal(WasiErrno.Success, guest.Call("fd_close", 1));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Write(1, "x", out _));
        Assert.True(output.CanWrite);
    }

    [Fact]
    public void The_processs_own_streams_are_used_where_none_is_given()
    {
        using var guest = new WasiGuest(new WasiPreview1(new WasiOptions()));
        foreach (uint fd in new uint[] { 0, 1, 2 })
        {
            var stat = guest.FdStat(fd);
            Assert.Equal(fd == 0 ? WasiRights.FdRead : WasiRights.FdWrite, stat.Rights & (WasiRights.FdRead | WasiRights.FdWrite));
        }
        // Closing it in the guest must not close it in the process.
        Assert.Equal(WasiErrno.Success, guest.Call("fd_close", 2));
        using var again = new WasiGuest(new WasiPreview1(new WasiOptions()));
        Assert.Equal(WasiErrno.Success, again.Call("fd_filestat_get", 2, 0));
    }

    private sealed class CountingStream : MemoryStream
    {
        public int Flushes { get; private set; }

        public override void Flush() => Flushes++;
    }

    // Ignores cancellation, as many streams do.
    private sealed class DeafStream(Stream inner) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer, CancellationToken.None);
    }

    private sealed class FailingStream(Exception failure) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<int>(failure);

        public override void Write(ReadOnlySpan<byte> buffer) => throw failure;
    }
}
