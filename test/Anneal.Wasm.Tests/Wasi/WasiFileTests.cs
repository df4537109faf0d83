// The fd_* functions on regular files.

using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Wasi;

public sealed class WasiFileTests : IDisposable
{
    private const WasiRights Everything = WasiRights.All;

    private readonly TemporaryDirectory directory = new();
    private readonly WasiGuest guest;

    public WasiFileTests() => guest = new WasiGuest(new WasiOptions { Directories = [new(directory.Inside, "/")] });

    public void Dispose()
    {
        guest.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void A_file_is_created_written_and_read_back()
    {
        uint fd = guest.OpenOrFail("new", WasiOpenFlags.Create, Everything);
        Assert.Equal(4u, fd);
        Assert.Equal(WasiErrno.Success, guest.Write(fd, "hello", out uint written));
        Assert.Equal(5u, written);
        Assert.Equal("hello", File.ReadAllText(directory["new"]));
        uint at = guest.Allocate(8);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_seek", fd, 1, 0, at));
        Assert.Equal(1UL, guest.UInt64(at));
        Assert.Equal(WasiErrno.Success, guest.Read(fd, 100, out string text));
        Assert.Equal("ello", text);
        Assert.Equal(WasiErrno.Success, guest.Read(fd, 100, out text));
        Assert.Equal("", text);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_tell", fd, at));
        Assert.Equal(5UL, guest.UInt64(at));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_close", fd));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Read(fd, 1, out _));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Call("fd_close", fd));
    }

    [Fact]
    public void Several_vectors_are_gathered_and_scattered_in_order()
    {
        uint fd = guest.OpenOrFail("v", WasiOpenFlags.Create, Everything);
        uint vectors = guest.PutVectors(guest.Put("ab"), (0xffffffff, 0), guest.Put("cde"), guest.Put("f"));
        uint result = guest.Allocate(4);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_write", fd, vectors, 4, result));
        Assert.Equal(6u, guest.UInt32(result));
        uint first = guest.Allocate(4), second = guest.Allocate(16);
        vectors = guest.PutVectors((first, 4), (second, 16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_pread", fd, vectors, 2, 0, result));
        Assert.Equal(6u, guest.UInt32(result));
        Assert.Equal("abcd", guest.Text(first, 4));
        Assert.Equal("ef", guest.Text(second, 2));
    }

    [Fact]
    public void More_vectors_than_the_host_takes_make_a_short_transfer()
    {
        uint fd = guest.OpenOrFail("v", WasiOpenFlags.Create, Everything);
        (uint, uint) one = guest.Put("x");
        uint vectors = guest.PutVectors(Enumerable.Repeat(one, 3000).ToArray());
        uint result = guest.Allocate(4);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_write", fd, vectors, 3000, result));
        Assert.Equal(1024u, guest.UInt32(result));
    }

    [Fact]
    public void Positioned_transfers_leave_the_offset_alone()
    {
        File.WriteAllText(directory["f"], "0123456789");
        uint fd = guest.OpenOrFail("f", rights: Everything);
        uint result = guest.Allocate(8);
        uint vectors = guest.PutVectors(guest.Put("xy"));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_pwrite", fd, vectors, 1, 4, result));
        Assert.Equal("0123xy6789", File.ReadAllText(directory["f"]));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_tell", fd, result));
        Assert.Equal(0UL, guest.UInt64(result));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_pread", fd, vectors, 1, ulong.MaxValue, result));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_pwrite", fd, vectors, 1, 1UL << 63, result));
    }

    [Fact]
    public void Seeking_before_the_start_or_from_nowhere_is_invalid()
    {
        File.WriteAllText(directory["f"], "0123456789");
        uint fd = guest.OpenOrFail("f");
        uint result = guest.Allocate(8);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_seek", fd, unchecked((ulong)-3L), 2, result));
        Assert.Equal(7UL, guest.UInt64(result));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_seek", fd, unchecked((ulong)-8L), 1, result));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_seek", fd, 0, 3, result));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Call("fd_seek", 3, 0, 0, result));
        Assert.Equal(WasiErrno.InvalidSeek, guest.Call("fd_seek", 1, 0, 0, result));
        Assert.Equal(WasiErrno.InvalidSeek, guest.Call("fd_tell", 0, result));
    }

    [Fact]
    public void Long_transfers_under_a_token_move_everything_and_can_be_cancelled()
    {
        // 16 times one buffer of 500,000 bytes: more than is moved in one piece.
        using var source = new CancellationTokenSource();
        guest.Cancellation = source.Token;
        byte[] pattern = new byte[500_000];
        new Random(3).NextBytes(pattern);
        (uint Address, uint Length) buffer = guest.Put(pattern);
        uint vectors = guest.PutVectors([.. Enumerable.Repeat(buffer, 16)]);
        uint result = guest.Allocate(8);
        uint fd = guest.OpenOrFail("long", WasiOpenFlags.Create, Everything);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_write", fd, vectors, 16, result));
        Assert.Equal(8_000_000u, guest.UInt32(result));
        byte[] written = File.ReadAllBytes(directory["long"]);
        Assert.Equal(8_000_000, written.Length);
        for (int i = 0; i < 16; i++) Assert.True(written.AsSpan(i * 500_000, 500_000).SequenceEqual(pattern));

        File.WriteAllBytes(directory["long"], [.. written, 1, 2, 3]);
        guest.Call("fd_seek", fd, 500_000, 0, result);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_read", fd, vectors, 16, result));
        Assert.Equal(7_500_003u, guest.UInt32(result));
        Assert.Equal([1, 2, 3], guest.Memory.Slice(buffer.Address, 3).ToArray());
        Assert.True(guest.Memory.Slice(buffer.Address + 3, 499_997).SequenceEqual(pattern.AsSpan(3)));

        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => guest.Call("fd_write", fd, vectors, 16, result));
        Assert.Equal(8_000_003, new FileInfo(directory["long"]).Length);
    }

    [Fact]
    public void Append_writes_at_the_end_and_can_be_switched()
    {
        File.WriteAllText(directory["f"], "abc");
        uint fd = guest.OpenOrFail("f", rights: Everything, flags: WasiFdFlags.Append);
        Assert.Equal(WasiFdFlags.Append, guest.FdStat(fd).Flags);
        guest.Write(fd, "def", out _);
        Assert.Equal("abcdef", File.ReadAllText(directory["f"]));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_flags", fd, 0));
        uint result = guest.Allocate(8);
        guest.Call("fd_seek", fd, 0, 0, result);
        guest.Write(fd, "X", out _);
        Assert.Equal("Xbcdef", File.ReadAllText(directory["f"]));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_flags", fd, (ulong)(WasiFdFlags.Append | WasiFdFlags.NonBlock)));
        guest.Write(fd, "Y", out _);
        Assert.Equal("XbcdefY", File.ReadAllText(directory["f"]));
        Assert.Equal(WasiFdFlags.Append | WasiFdFlags.NonBlock, guest.FdStat(fd).Flags);
        Assert.Equal(WasiErrno.NotSupported, guest.Call("fd_fdstat_set_flags", fd, (ulong)WasiFdFlags.Sync));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_fdstat_set_flags", fd, 32));
    }

    [Fact]
    public void Rights_decide_what_a_descriptor_may_do_and_only_shrink()
    {
        File.WriteAllText(directory["f"], "abc");
        uint reading = guest.OpenOrFail("f", rights: WasiRights.FdRead);
        Assert.Equal(WasiErrno.BadDescriptor, guest.Write(reading, "x", out _));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("fd_filestat_set_size", reading, 0));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("fd_sync", reading));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("fd_fdstat_set_rights", reading, (ulong)WasiRights.FdWrite, 0));
        Assert.Equal(WasiRights.FdRead, guest.FdStat(reading).Rights);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_rights", reading, 0, 0));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Read(reading, 1, out _));
        uint writing = guest.OpenOrFail("f", rights: WasiRights.FdWrite);
        Assert.Equal(WasiErrno.BadDescriptor, guest.Read(writing, 1, out _));
        Assert.Equal(WasiErrno.Success, guest.Write(writing, "x", out _));
    }

    [Fact]
    public void What_a_directory_gave_up_no_file_under_it_can_have()
    {
        File.WriteAllText(directory["f"], "abc");
        WasiRights base_ = guest.FdStat(3).Rights;
        WasiRights without = WasiRights.All & ~WasiRights.FdWrite;
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_rights", 3, (ulong)base_, (ulong)without));
        Assert.Equal(WasiErrno.NotCapable, guest.Open("f", out _, rights: WasiRights.FdWrite, inheriting: 0));
        Assert.Equal(WasiErrno.Success, guest.Open("f", out _, rights: WasiRights.FdRead, inheriting: 0));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_fdstat_set_rights", 3, 0, 0));
        Assert.Equal(WasiErrno.NotCapable, guest.Open("f", out _, rights: 0, inheriting: 0));
        Assert.Equal(WasiErrno.NotCapable, guest.Stat("f", out _));
        Assert.Equal(WasiErrno.NotCapable, guest.Path("path_create_directory", "d"));
    }

    [Fact]
    public void Attributes_are_those_of_the_file()
    {
        File.WriteAllText(directory["f"], "abcdef");
        File.SetLastWriteTimeUtc(directory["f"], DateTime.UnixEpoch.AddSeconds(1_000_000_000));
        uint fd = guest.OpenOrFail("f");
        uint at = guest.Allocate(64);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_filestat_get", fd, at));
        Assert.NotEqual(0UL, guest.UInt64(at));
        Assert.NotEqual(0UL, guest.UInt64(at + 8));
        Assert.Equal((byte)WasiFileType.RegularFile, guest.Memory.ReadUInt8(at + 16));
        Assert.Equal(1UL, guest.UInt64(at + 24));
        Assert.Equal(6UL, guest.UInt64(at + 32));
        Assert.Equal(1_000_000_000_000_000_000UL, guest.UInt64(at + 48));
        Assert.Equal(WasiErrno.Success, guest.Stat("f", out var stat));
        Assert.Equal((WasiFileType.RegularFile, 6UL, guest.UInt64(at + 8), 1UL), stat);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_filestat_get", 3, at));
        Assert.Equal((byte)WasiFileType.Directory, guest.Memory.ReadUInt8(at + 16));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_filestat_get", 0, at));
        Assert.Equal((byte)WasiFileType.Unknown, guest.Memory.ReadUInt8(at + 16));
    }

    [Fact]
    public void Size_can_be_set_and_space_allocated()
    {
        uint fd = guest.OpenOrFail("f", WasiOpenFlags.Create, Everything);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_filestat_set_size", fd, 100));
        Assert.Equal(100, new FileInfo(directory["f"]).Length);
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_filestat_set_size", fd, ulong.MaxValue));
        Assert.Contains(guest.Call("fd_allocate", fd, 0, 200), new[] { WasiErrno.Success, WasiErrno.NotSupported });
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_allocate", fd, 0, 0));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_allocate", fd, 0, ulong.MaxValue));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("fd_allocate", 3, 0, 1));
    }

    [Fact]
    public void Times_can_be_set_kept_and_made_now()
    {
        uint fd = guest.OpenOrFail("f", WasiOpenFlags.Create, Everything);
        ulong second = 1_000_000_000;
        Assert.Equal(WasiErrno.Success, guest.Call("fd_filestat_set_times", fd, 5 * second, 7 * second + 1, 5));
        uint at = guest.Allocate(64);
        guest.Call("fd_filestat_get", fd, at);
        Assert.Equal(5 * second, guest.UInt64(at + 40));
        Assert.Equal(7 * second + 1, guest.UInt64(at + 48));
        Assert.Equal(WasiErrno.Success, guest.SetTimes("f", 9 * second, 11 * second, WasiTimeFlags.Access));
        guest.Call("fd_filestat_get", fd, at);
        Assert.Equal(9 * second, guest.UInt64(at + 40));
        Assert.Equal(7 * second + 1, guest.UInt64(at + 48));
        Assert.Equal(WasiErrno.Success, guest.SetTimes("f", 0, 0, WasiTimeFlags.ModificationNow));
        guest.Call("fd_filestat_get", fd, at);
        Assert.True(guest.UInt64(at + 48) > 1_600_000_000 * second);
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_filestat_set_times", fd, 0, 0, 3));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_filestat_set_times", fd, 0, 0, 12));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_filestat_set_times", fd, 0, 0, 16));
        Assert.Equal(WasiErrno.Invalid, guest.SetTimes("f", 0, 0, WasiTimeFlags.Access | WasiTimeFlags.AccessNow));
    }

    [Fact]
    public void Advice_and_synchronization_work_on_files_only()
    {
        uint fd = guest.OpenOrFail("f", WasiOpenFlags.Create, Everything);
        for (uint advice = 0; advice < 6; advice++) Assert.Equal(WasiErrno.Success, guest.Call("fd_advise", fd, 0, 10, advice));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_advise", fd, 0, 10, 6));
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_advise", fd, ulong.MaxValue, 10, 0));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Call("fd_advise", 3, 0, 0, 0));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_sync", fd));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_datasync", fd));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Call("fd_sync", 99));
    }

    [Fact]
    public void New_descriptors_take_the_lowest_free_number()
    {
        foreach (string name in new[] { "a", "b", "c" }) File.WriteAllText(directory[name], name);
        Assert.Equal(4u, guest.OpenOrFail("a"));
        Assert.Equal(5u, guest.OpenOrFail("b"));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_close", 4));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_close", 1));
        Assert.Equal(1u, guest.OpenOrFail("c"));
        Assert.Equal(4u, guest.OpenOrFail("a"));
        guest.Read(1, 9, out string text);
        Assert.Equal("c", text);
        guest.Read(5, 9, out text);
        Assert.Equal("b", text);
    }

    [Fact]
    public void Renumbering_moves_a_descriptor_over_another()
    {
        File.WriteAllText(directory["a"], "a");
        File.WriteAllText(directory["b"], "b");
        uint a = guest.OpenOrFail("a"), b = guest.OpenOrFail("b");
        Assert.Equal(WasiErrno.BadDescriptor, guest.Call("fd_renumber", a, 77));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Call("fd_renumber", 77, a));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_renumber", a, a));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_renumber", a, b));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Read(a, 1, out _));
        guest.Read(b, 9, out string text);
        Assert.Equal("a", text);
        Assert.Equal(a, guest.OpenOrFail("b"));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_renumber", a, 0));
        guest.Read(0, 9, out text);
        Assert.Equal("b", text);
    }

    [Fact]
    public void The_number_of_descriptors_is_limited()
    {
        using var small = new WasiGuest(new WasiOptions { Directories = [new(directory.Inside, "/")], MaximumDescriptors = 6 });
        Assert.Equal(WasiErrno.Success, small.Open(".", out _));
        Assert.Equal(WasiErrno.Success, small.Open(".", out _));
        Assert.Equal(WasiErrno.TooManyFiles, small.Open(".", out _));
        Assert.Equal(WasiErrno.Success, small.Call("fd_close", 4));
        Assert.Equal(WasiErrno.Success, small.Open(".", out uint fd));
        Assert.Equal(4u, fd);
    }

    [Fact]
    public void Preopens_say_their_names_and_can_be_closed()
    {
        using var two = new WasiGuest(new WasiOptions { Directories = [new(directory.Inside, "/data"), new(directory.Inside, "")] });
        uint at = two.Allocate(16);
        Assert.Equal(WasiErrno.Success, two.Call("fd_prestat_get", 3, at));
        Assert.Equal(0u, two.UInt32(at));
        Assert.Equal(5u, two.UInt32(at + 4));
        Assert.Equal(WasiErrno.Success, two.Call("fd_prestat_dir_name", 3, at, 5));
        Assert.Equal("/data", two.Text(at, 5));
        Assert.Equal(WasiErrno.NameTooLong, two.Call("fd_prestat_dir_name", 3, at, 4));
        Assert.Equal(WasiErrno.Success, two.Call("fd_prestat_dir_name", 4, at, 1));
        Assert.Equal(".", two.Text(at, 1));
        Assert.Equal(WasiErrno.BadDescriptor, two.Call("fd_prestat_get", 5, at));
        Assert.Equal(WasiErrno.BadDescriptor, two.Call("fd_prestat_get", 0, at));
        Assert.Equal(WasiErrno.BadDescriptor, two.Call("fd_prestat_dir_name", 5, at, 1));
        Assert.Equal(WasiErrno.Success, two.Call("fd_close", 3));
        Assert.Equal(WasiErrno.BadDescriptor, two.Call("fd_prestat_get", 3, at));
    }

    [Fact]
    public void Directories_are_neither_read_nor_written_as_files()
    {
        Assert.Equal(WasiErrno.IsDirectory, guest.Read(3, 1, out _));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Write(3, "x", out _));
        Assert.Equal(WasiErrno.NotCapable, guest.Call("fd_filestat_set_size", 3, 0));
    }

    [Fact]
    public void Sockets_are_refused()
    {
        uint fd = guest.OpenOrFail("f", WasiOpenFlags.Create, Everything);
        Assert.Equal(WasiErrno.NotSocket, guest.Call("sock_accept", fd, 0, 0));
        Assert.Equal(WasiErrno.NotSocket, guest.Call("sock_recv", fd, 0, 0, 0, 0, 0));
        Assert.Equal(WasiErrno.NotSocket, guest.Call("sock_send", fd, 0, 0, 0, 0));
        Assert.Equal(WasiErrno.NotSocket, guest.Call("sock_shutdown", 0, 0));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Call("sock_shutdown", 99, 0));
    }
}
