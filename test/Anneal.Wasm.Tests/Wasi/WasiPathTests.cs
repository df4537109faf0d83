// The path_* functions and fd_readdir, each through openat2 and through the component-wise walk.

using System.Text;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Wasi;

public abstract class WasiPathTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly WasiGuest guest;

    protected WasiPathTests(bool allowOpenAt2) =>
        guest = new WasiGuest(new WasiOptions { Directories = [new(directory.Inside, "/")] }, allowOpenAt2);

    public void Dispose()
    {
        guest.Dispose();
        directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Directories_are_made_and_removed()
    {
        Assert.Equal(WasiErrno.Success, guest.Path("path_create_directory", "d"));
        Assert.Equal(WasiErrno.Success, guest.Path("path_create_directory", "d/e/"));
        Assert.True(Directory.Exists(directory["d/e"]));
        Assert.Equal(WasiErrno.Exists, guest.Path("path_create_directory", "d"));
        Assert.Equal(WasiErrno.NoEntry, guest.Path("path_create_directory", "x/y"));
        Assert.Equal(WasiErrno.NotEmpty, guest.Path("path_remove_directory", "d"));
        Assert.Equal(WasiErrno.IsDirectory, guest.Path("path_unlink_file", "d"));
        Assert.Equal(WasiErrno.Success, guest.Path("path_remove_directory", "d/../d/./e/"));
        Assert.Equal(WasiErrno.Success, guest.Path("path_remove_directory", "d"));
        Assert.Equal(WasiErrno.NoEntry, guest.Path("path_remove_directory", "d"));
        Assert.False(Directory.Exists(directory["d"]));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("./")]
    [InlineData("d/..")]
    [InlineData("d/.")]
    public void A_directory_itself_is_neither_made_nor_removed_nor_renamed(string path)
    {
        Directory.CreateDirectory(directory["d"]);
        Assert.Equal(WasiErrno.Exists, guest.Path("path_create_directory", path));
        Assert.Equal(WasiErrno.Invalid, guest.Path("path_remove_directory", path));
        Assert.Equal(WasiErrno.IsDirectory, guest.Path("path_unlink_file", path));
        Assert.Equal(WasiErrno.Busy, guest.Rename(path, "x"));
        Assert.Equal(WasiErrno.Busy, guest.Rename("d", path));
        Assert.Equal(WasiErrno.Exists, guest.Symlink("d", path));
        Assert.Equal(WasiErrno.Invalid, guest.ReadLink(path, out _));
        Assert.Equal(WasiErrno.Success, guest.Stat(path, out var stat));
        Assert.Equal(WasiFileType.Directory, stat.Type);
        Assert.True(Directory.Exists(directory["d"]));
    }

    [Fact]
    public void Files_are_unlinked_but_directories_not()
    {
        File.WriteAllText(directory["f"], "");
        Assert.Equal(WasiErrno.NotDirectory, guest.Path("path_unlink_file", "f/"));
        Assert.Equal(WasiErrno.NotDirectory, guest.Path("path_remove_directory", "f"));
        Assert.Equal(WasiErrno.Success, guest.Path("path_unlink_file", "f"));
        Assert.Equal(WasiErrno.NoEntry, guest.Path("path_unlink_file", "f"));
        Assert.Equal(WasiErrno.NoEntry, guest.Path("path_unlink_file", "f/"));
        Directory.CreateDirectory(directory["d"]);
        Assert.Equal(WasiErrno.IsDirectory, guest.Path("path_unlink_file", "d/"));
    }

    [Fact]
    public void Opening_honours_its_flags()
    {
        Assert.Equal(WasiErrno.NoEntry, guest.Open("f", out _));
        Assert.Equal(WasiErrno.Success, guest.Open("f", out _, WasiOpenFlags.Create | WasiOpenFlags.Exclusive, WasiRights.All));
        Assert.Equal(WasiErrno.Exists, guest.Open("f", out _, WasiOpenFlags.Create | WasiOpenFlags.Exclusive, WasiRights.All));
        Assert.Equal(WasiErrno.NotDirectory, guest.Open("f", out _, WasiOpenFlags.Directory));
        Assert.Equal(WasiErrno.NotDirectory, guest.Open("f/", out _));
        Assert.Equal(WasiErrno.NotDirectory, guest.Open("f/g", out _));
        Assert.Equal(WasiErrno.IsDirectory, guest.Open("g/", out _, WasiOpenFlags.Create, WasiRights.All));
        Assert.Equal(WasiErrno.IsDirectory, guest.Open(".", out _, rights: WasiRights.All));
        File.WriteAllText(directory["f"], "abc");
        Assert.Equal(WasiErrno.Success, guest.Open("f", out _, WasiOpenFlags.Truncate, WasiRights.All));
        Assert.Equal("", File.ReadAllText(directory["f"]));
        Assert.Equal(WasiErrno.Success, guest.Open(".", out uint here, WasiOpenFlags.Directory, WasiRights.All));
        Assert.Equal(WasiFileType.Directory, guest.FdStat(here).Type);
        Assert.Equal(WasiErrno.Success, guest.Open("f", out _, directory: here));
        Assert.Equal(WasiErrno.Invalid, guest.Open("new", out _, WasiOpenFlags.Create | WasiOpenFlags.Directory, WasiRights.All));
        Assert.False(File.Exists(directory["new"]));
        Assert.Equal(WasiErrno.Invalid, guest.Open("f", out _, (WasiOpenFlags)16));
        Assert.Equal(WasiErrno.Invalid, guest.Open("f", out _, flags: (WasiFdFlags)32));
    }

    [Fact]
    public void The_descriptor_that_a_path_starts_from_must_be_a_directory()
    {
        uint file = guest.OpenOrFail("f", WasiOpenFlags.Create, WasiRights.All);
        Assert.Equal(WasiErrno.NotDirectory, guest.Open("x", out _, directory: file));
        Assert.Equal(WasiErrno.NotDirectory, guest.Open("x", out _, directory: 0));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Open("x", out _, directory: 99));
        Assert.Equal(WasiErrno.BadDescriptor, guest.Path("path_create_directory", "x", uint.MaxValue));
        Assert.Equal(WasiErrno.NotDirectory, guest.Call("fd_readdir", file, 0, 0, 0, 0));
    }

    [Fact]
    public void Links_inside_are_followed_when_asked_for()
    {
        Directory.CreateDirectory(directory["d"]);
        File.WriteAllText(directory["d/f"], "abc");
        Assert.Equal(WasiErrno.Success, guest.Symlink("d/f", "link"));
        Assert.Equal(WasiErrno.Success, guest.Symlink("../d/../d", "d/up"));
        Assert.Equal(WasiErrno.Success, guest.ReadLink("link", out string target));
        Assert.Equal("d/f", target);
        Assert.Equal(WasiErrno.Success, guest.ReadLink("link", out target, size: 2));
        Assert.Equal("d/", target);
        Assert.Equal(WasiErrno.Invalid, guest.ReadLink("d", out _));
        Assert.Equal(WasiErrno.Success, guest.Open("link", out uint fd));
        guest.Read(fd, 9, out string text);
        Assert.Equal("abc", text);
        Assert.Equal(WasiErrno.Loop, guest.Open("link", out _, follow: false));
        Assert.Equal(WasiErrno.Success, guest.Open("d/up/up/f", out _, follow: false));
        Assert.Equal(WasiErrno.Success, guest.Stat("link", out var stat));
        Assert.Equal((WasiFileType.RegularFile, 3UL), (stat.Type, stat.Size));
        Assert.Equal(WasiErrno.Success, guest.Stat("link", out stat, follow: false));
        Assert.Equal((WasiFileType.SymbolicLink, 3UL), (stat.Type, stat.Size));
        Assert.Equal(WasiErrno.Success, guest.Stat("d/up", out stat, follow: false));
        Assert.Equal(WasiFileType.SymbolicLink, stat.Type);
        Assert.Equal(WasiErrno.Success, guest.Stat("d/up/", out stat, follow: false));
        Assert.Equal(WasiFileType.Directory, stat.Type);
        Assert.Equal(WasiErrno.NotDirectory, guest.Stat("link/", out _));
    }

    [Fact]
    public void Dangling_and_circular_links_are_told_apart()
    {
        guest.Symlink("nowhere", "dangling");
        guest.Symlink("b", "a");
        guest.Symlink("a", "b");
        Assert.Equal(WasiErrno.NoEntry, guest.Open("dangling", out _));
        Assert.Equal(WasiErrno.Loop, guest.Open("a", out _));
        Assert.Equal(WasiErrno.Loop, guest.Open("a/x", out _));
        Assert.Equal(WasiErrno.Loop, guest.Stat("a", out _));
        Assert.Equal(WasiErrno.NoEntry, guest.Stat("dangling", out _));
        Assert.Equal(WasiErrno.Exists, guest.Open("dangling", out _, WasiOpenFlags.Create | WasiOpenFlags.Exclusive, WasiRights.All));
        Assert.False(File.Exists(directory["nowhere"]));
        Assert.Equal(WasiErrno.Success, guest.Open("dangling", out _, WasiOpenFlags.Create, WasiRights.All));
        Assert.True(File.Exists(directory["nowhere"]));
        Assert.Equal(WasiErrno.Success, guest.Path("path_unlink_file", "dangling"));
        Assert.True(File.Exists(directory["nowhere"]));
    }

    [Fact]
    public void Symbolic_links_dont_replace_what_is_there()
    {
        File.WriteAllText(directory["f"], "");
        Assert.Equal(WasiErrno.Exists, guest.Symlink("x", "f"));
        Assert.Equal(WasiErrno.Exists, guest.Symlink("x", "f/"));
        Assert.Equal(WasiErrno.NoEntry, guest.Symlink("x", "g/"));
        Assert.Equal(WasiErrno.NoEntry, guest.Symlink("", "g"));
        Assert.Equal(WasiErrno.NotPermitted, guest.Symlink("/etc/passwd", "g"));
    }

    [Fact]
    public void Hard_links_name_the_same_file()
    {
        File.WriteAllText(directory["f"], "abc");
        guest.Symlink("f", "link");
        Assert.Equal(WasiErrno.Success, guest.Link("f", "g"));
        guest.Stat("f", out var f);
        guest.Stat("g", out var g);
        Assert.Equal(f.Inode, g.Inode);
        Assert.Equal(2UL, g.Links);
        Assert.Equal(WasiErrno.Exists, guest.Link("f", "g"));
        Assert.Equal(WasiErrno.NoEntry, guest.Link("none", "h"));
        Assert.Equal(WasiErrno.NoEntry, guest.Link("f", "h/"));
        Assert.Equal(WasiErrno.NotDirectory, guest.Link("f/", "h"));
        Assert.Equal(WasiErrno.NotPermitted, guest.Link(".", "h"));
        Assert.Equal(WasiErrno.Success, guest.Link("link", "followed", follow: true));
        guest.Stat("followed", out var followed, follow: false);
        Assert.Equal(f.Inode, followed.Inode);
        Assert.Equal(WasiErrno.Success, guest.Link("link", "kept"));
        guest.Stat("kept", out var kept, follow: false);
        Assert.Equal(WasiFileType.SymbolicLink, kept.Type);
    }

    [Fact]
    public void Renaming_moves_between_directories()
    {
        Directory.CreateDirectory(directory["a"]);
        Directory.CreateDirectory(directory["b"]);
        File.WriteAllText(directory["a/f"], "abc");
        uint b = guest.OpenOrFail("b", WasiOpenFlags.Directory);
        Assert.Equal(WasiErrno.Success, guest.Rename("a/f", "g", toDirectory: b));
        Assert.Equal("abc", File.ReadAllText(directory["b/g"]));
        Assert.Equal(WasiErrno.NoEntry, guest.Rename("a/f", "x"));
        Assert.Equal(WasiErrno.NotDirectory, guest.Rename("b/g", "x/"));
        Assert.Equal(WasiErrno.NotDirectory, guest.Rename("b/g/", "x"));
        Assert.Equal(WasiErrno.NotEmpty, guest.Rename("a", "b"));
        Assert.Equal(WasiErrno.Success, guest.Rename("a/", "c/"));
        Assert.Equal(WasiErrno.Invalid, guest.Rename("b", "b/inner"));
        Assert.True(Directory.Exists(directory["c"]));
    }

    [Fact]
    public void Times_follow_links_only_when_asked_for()
    {
        Directory.CreateDirectory(directory["d"]);
        File.WriteAllText(directory["d/f"], "");
        guest.Symlink("d/f", "link");
        ulong second = 1_000_000_000;
        Assert.Equal(WasiErrno.Success, guest.SetTimes("link", 0, 7 * second, WasiTimeFlags.Modification));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(7), File.GetLastWriteTimeUtc(directory["d/f"]));
        Assert.Equal(WasiErrno.Success, guest.SetTimes("link", 0, 9 * second, WasiTimeFlags.Modification, follow: false));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(7), File.GetLastWriteTimeUtc(directory["d/f"]));
        Assert.Equal(WasiErrno.Success, guest.SetTimes("d/", 0, 11 * second, WasiTimeFlags.Modification));
        Assert.Equal(DateTime.UnixEpoch.AddSeconds(11), Directory.GetLastWriteTimeUtc(directory["d"]));
        Assert.Equal(WasiErrno.NotDirectory, guest.SetTimes("d/f/", 0, 0, WasiTimeFlags.Modification));
        Assert.Equal(WasiErrno.NoEntry, guest.SetTimes("none", 0, 0, WasiTimeFlags.Modification));
    }

    [Fact]
    public void Malformed_paths_are_refused()
    {
        Assert.Equal(WasiErrno.NoEntry, guest.Open("", out _));
        Assert.Equal(WasiErrno.Invalid, guest.Open("a\0b", out _));
        Assert.Equal(WasiErrno.Invalid, guest.Open("\0", out _));
        Assert.Equal(WasiErrno.NameTooLong, guest.Open(new string('x', 256), out _));
        Assert.Equal(WasiErrno.NameTooLong, guest.Open(new string('x', 5000), out _));
        Assert.Equal(WasiErrno.NameTooLong, guest.Path("path_create_directory", new string('x', 4096)));
        (uint at, uint length) = guest.Put([0x61, 0xff]);
        Assert.Equal(WasiErrno.IllegalSequence, guest.Call("path_create_directory", 3, at, length));
        Assert.Equal(WasiErrno.Fault, guest.Call("path_create_directory", 3, at, uint.MaxValue));
        Assert.Equal(WasiErrno.Invalid, guest.Call("path_filestat_get", 3, 2, at, 1, 0));
    }

    [Fact]
    public void Deep_paths_resolve_or_fail_cleanly()
    {
        uint at = 3;
        string deep = "";
        for (int i = 0; i < 100; i++)
        {
            deep += "d/";
            Assert.Equal(WasiErrno.Success, guest.Path("path_create_directory", deep));
        }
        Assert.Equal(WasiErrno.Success, guest.Stat(deep, out _, directory: at));
        Assert.Equal(WasiErrno.Success, guest.Stat(deep + string.Concat(Enumerable.Repeat("../", 100)) + "d", out _));
        Assert.Equal(WasiErrno.NotPermitted, guest.Stat(deep + string.Concat(Enumerable.Repeat("../", 101)) + "inside", out _));
    }

    [Fact]
    public void A_listing_holds_every_entry_once()
    {
        Directory.CreateDirectory(directory["sub"]);
        for (int i = 0; i < 2000; i++) File.WriteAllText(directory[$"file-{i:0000}"], "");
        File.CreateSymbolicLink(directory["link"], "sub");
        foreach (int size in new[] { 64, 100, 300, 4096, 200_000 })
        {
            List<(string Name, ulong Next, ulong Inode, byte Type)> entries = List(3, size);
            Assert.Equal(2004, entries.Count);
            Assert.Equal(2004, entries.Select(entry => entry.Name).Distinct().Count());
            Assert.Equal((byte)WasiFileType.Directory, entries.Single(entry => entry.Name == "sub").Type);
            Assert.Equal((byte)WasiFileType.SymbolicLink, entries.Single(entry => entry.Name == "link").Type);
            Assert.Equal((byte)WasiFileType.RegularFile, entries.Single(entry => entry.Name == "file-0007").Type);
            Assert.Equal(
                entries.Single(entry => entry.Name == ".").Inode, entries.Single(entry => entry.Name == "..").Inode);
            guest.Stat("file-0007", out var stat);
            Assert.Equal(stat.Inode, entries.Single(entry => entry.Name == "file-0007").Inode);
        }
    }

    [Fact]
    public void A_listing_continues_from_any_cookie_also_while_entries_change()
    {
        for (int i = 0; i < 50; i++) File.WriteAllText(directory[$"f{i}"], "");
        var entries = List(3, 4096);
        uint buffer = guest.Allocate(4096), result = guest.Allocate(4);
        for (int i = entries.Count - 2; i >= 0; i -= 7)
        {
            Assert.Equal(WasiErrno.Success, guest.Call("fd_readdir", 3, buffer, 4096, entries[i].Next, result));
            uint name = guest.UInt32(buffer + 16);
            Assert.Equal(entries[i + 1].Name, guest.Text(buffer + 24, name));
        }
        File.Delete(directory["f3"]);
        File.WriteAllText(directory["new"], "");
        var names = List(3, 4096).Select(entry => entry.Name).ToList();
        Assert.Contains("new", names);
        Assert.DoesNotContain("f3", names);
        // A made-up cookie gives something or nothing, but no harm.
        Assert.Contains(guest.Call("fd_readdir", 3, buffer, 4096, 0x123456789, result), new[] { WasiErrno.Success, WasiErrno.Invalid });
        Assert.Equal(WasiErrno.Invalid, guest.Call("fd_readdir", 3, buffer, 4096, ulong.MaxValue, result));
    }

    [Fact]
    public void The_last_entry_of_a_listing_is_cut_off_at_the_buffers_end()
    {
        File.WriteAllText(directory["a-rather-long-name"], "");
        uint buffer = guest.Allocate(64), result = guest.Allocate(4);
        for (uint size = 0; size < 64; size++)
        {
            Assert.Equal(WasiErrno.Success, guest.Call("fd_readdir", 3, buffer, size, 0, result));
            Assert.Equal(size, guest.UInt32(result));
        }
        Assert.Equal(WasiErrno.Success, guest.Call("fd_readdir", 3, 1, 0, 0, result));
    }

    private List<(string Name, ulong Next, ulong Inode, byte Type)> List(uint fd, int size)
    {
        var entries = new List<(string, ulong, ulong, byte)>();
        uint buffer = guest.Allocate(size), result = guest.Allocate(4);
        ulong cookie = 0;
        while (true)
        {
            Assert.Equal(WasiErrno.Success, guest.Call("fd_readdir", fd, buffer, (ulong)size, cookie, result));
            uint used = guest.UInt32(result), at = 0;
            while (at + 24 <= used)
            {
                uint length = guest.UInt32(buffer + at + 16);
                if (at + 24 + length > used) break;
                cookie = guest.UInt64(buffer + at);
                string name = Encoding.UTF8.GetString(guest.Memory.Slice(buffer + at + 24, length));
                entries.Add((name, cookie, guest.UInt64(buffer + at + 8), guest.Memory.ReadUInt8(buffer + at + 20)));
                at += 24 + length;
            }
            if (used < size) return entries;
            Assert.True(at > 0, "the buffer holds no whole entry");
        }
    }
}

public sealed class WasiPathTestsWithOpenAt2() : WasiPathTests(allowOpenAt2: true);

public sealed class WasiPathTestsByWalk() : WasiPathTests(allowOpenAt2: false);
