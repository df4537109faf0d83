// Attempts to leave a preopened directory: none may read, change or even see what is outside. Each runs through openat2 and through
// the component-wise walk.

using System.Runtime.InteropServices;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Wasi;

public abstract partial class WasiSandboxTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly WasiGuest guest;

    protected WasiSandboxTests(bool allowOpenAt2)
    {
        Directory.CreateDirectory(directory["d/e"]);
        File.WriteAllText(directory["d/f"], "inside");
        // Links that the host, not the guest, left lying about.
        File.CreateSymbolicLink(directory["absolute"], directory.SecretPath);
        File.CreateSymbolicLink(directory["relative"], "../outside/secret");
        File.CreateSymbolicLink(directory["to-outside"], directory.Outside);
        File.CreateSymbolicLink(directory["up"], "..");
        File.CreateSymbolicLink(directory["d/up-and-up"], "../..");
        File.CreateSymbolicLink(directory["chain"], "d/up-and-up/outside/secret");
        File.CreateSymbolicLink(directory["dangling-out"], "../outside/new");
        File.CreateSymbolicLink(directory["root"], "/");
        File.CreateSymbolicLink(directory["proc"], "/proc/self/fd/3");
        File.CreateSymbolicLink(directory["absolute-inside"], directory["d/f"]);
        guest = new WasiGuest(new WasiOptions { Directories = [new(directory.Inside, "/")] }, allowOpenAt2);
    }

    private static WasiOpenFlags[] OpenFlags =>
    [
        WasiOpenFlags.None, WasiOpenFlags.Create, WasiOpenFlags.Directory, WasiOpenFlags.Truncate,
        WasiOpenFlags.Create | WasiOpenFlags.Exclusive,
    ];

    public static TheoryData<string> Escapes =>
    [
        "..", "../", "../.", "../outside", "../outside/secret", "./../outside/secret", "d/../../outside/secret",
        "d/e/../../../outside/secret", ".//.//..//outside", "d/..//../outside/secret", "../inside/d/f", "../inside",
        "/", "//", "/etc/passwd", "/proc/self/environ", "//etc/passwd", "/..",
        "absolute", "relative", "to-outside", "to-outside/", "to-outside/secret", "up/outside/secret", "up", "up/", "up/.", "up/inside/d/f",
        "chain", "d/up-and-up", "d/up-and-up/outside/secret", "root", "root/etc/passwd", "proc", "absolute-inside",
        "dangling-out", "to-outside/new", "up/outside/new", "to-outside/../inside/d/f",
    ];

    public void Dispose()
    {
        try
        {
            // Whatever a test tried, outside is as it was.
            Assert.Equal([directory.SecretPath], Directory.GetFileSystemEntries(directory.Outside));
            Assert.Equal(TemporaryDirectory.Secret, File.ReadAllText(directory.SecretPath));
            Assert.Equal(2, Directory.GetFileSystemEntries(System.IO.Path.GetDirectoryName(directory.Inside)!).Length);
        }
        finally
        {
            guest.Dispose();
            directory.Dispose();
            GC.SuppressFinalize(this);
        }
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public void Nothing_outside_is_opened(string path)
    {
        foreach (WasiOpenFlags open in OpenFlags)
        {
            foreach (bool follow in new[] { true, false })
            {
                foreach (WasiRights rights in new[] { WasiRights.FdRead, WasiRights.FdRead | WasiRights.FdWrite })
                {
                    WasiErrno error = guest.Open(path, out _, open, rights, follow: follow);
                    Assert.NotEqual(WasiErrno.Success, error);
                    if (open == 0 && follow) Assert.Equal(WasiErrno.NotPermitted, error);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public void Nothing_outside_is_seen(string path)
    {
        Assert.Equal(WasiErrno.NotPermitted, guest.Stat(path, out _, follow: true));
        WasiErrno error = guest.Stat(path, out var stat, follow: false);
        Assert.True(error == WasiErrno.NotPermitted || stat.Type == WasiFileType.SymbolicLink);
        error = guest.ReadLink(path, out _);
        Assert.True(error is WasiErrno.NotPermitted or WasiErrno.Success or WasiErrno.Invalid);
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public void Nothing_outside_is_changed(string path)
    {
        DateTime before = File.GetLastWriteTimeUtc(directory.SecretPath);
        Assert.NotEqual(WasiErrno.Success, guest.SetTimes(path, 0, 0, WasiTimeFlags.Modification, follow: true));
        Assert.NotEqual(WasiErrno.Success, guest.Path("path_create_directory", path));
        Assert.NotEqual(WasiErrno.Success, guest.Path("path_create_directory", path + "/new"));
        Assert.NotEqual(WasiErrno.Success, guest.Path("path_remove_directory", path));
        Assert.NotEqual(WasiErrno.Success, guest.Symlink("x", path + "/new"));
        Assert.NotEqual(WasiErrno.Success, guest.Link("d/f", path + "/new"));
        Assert.NotEqual(WasiErrno.Success, guest.Link(path, "linked", follow: true));
        Assert.NotEqual(WasiErrno.Success, guest.Rename("d/f", path + "/new"));
        Assert.NotEqual(WasiErrno.Success, guest.Path("path_unlink_file", path + "/secret"));
        Assert.NotEqual(WasiErrno.Success, guest.Rename(path + "/secret", "stolen"));
        Assert.Equal(before, File.GetLastWriteTimeUtc(directory.SecretPath));
        // These act on a link itself where the path ends in one, and are refused otherwise.
        WasiErrno renamed = guest.Rename(path, "d/renamed");
        Assert.True(renamed != WasiErrno.Success || new FileInfo(directory["d/renamed"]).LinkTarget is not null);
    }

    [Fact]
    public void Links_that_a_guest_makes_lead_nowhere_either()
    {
        Assert.Equal(WasiErrno.Success, guest.Symlink("../../outside/secret", "d/mine"));
        Assert.Equal(WasiErrno.NotPermitted, guest.Open("d/mine", out _));
        Assert.Equal(WasiErrno.Success, guest.Symlink("../outside", "mine"));
        Assert.Equal(WasiErrno.NotPermitted, guest.Open("mine/secret", out _));
        Assert.Equal(WasiErrno.NotPermitted, guest.Open("mine/new", out _, WasiOpenFlags.Create, WasiRights.All));
        Assert.Equal(WasiErrno.NotPermitted, guest.Symlink("/", "mine2"));
    }

    [Fact]
    public void A_subdirectory_is_a_sandbox_too()
    {
        uint sub = guest.OpenOrFail("d", WasiOpenFlags.Directory);
        Assert.Equal(WasiErrno.NotPermitted, guest.Open("..", out _, directory: sub));
        Assert.Equal(WasiErrno.NotPermitted, guest.Open("../d/f", out _, directory: sub));
        Assert.Equal(WasiErrno.NotPermitted, guest.Open("e/../../d", out _, directory: sub));
        Assert.Equal(WasiErrno.Success, guest.Open("e/../f", out _, directory: sub));
    }

    [Fact]
    public void A_directory_that_is_moved_away_doesnt_open_its_new_surroundings()
    {
        uint sub = guest.OpenOrFail("d/e", WasiOpenFlags.Directory);
        Directory.Move(directory["d/e"], System.IO.Path.Combine(directory.Outside, "e"));
        try
        {
            Assert.Equal(WasiErrno.NotPermitted, guest.Open("../secret", out _, directory: sub));
            Assert.Equal(WasiErrno.Success, guest.Open(".", out _, directory: sub));
        }
        finally
        {
            Directory.Delete(System.IO.Path.Combine(directory.Outside, "e"));
        }
    }

    [Fact]
    public void A_link_swapped_in_while_paths_resolve_never_leads_out()
    {
        string swapped = directory["swap"], hidden = directory["swap-aside"];
        Directory.CreateDirectory(swapped);
        File.WriteAllText(System.IO.Path.Combine(swapped, "secret"), "decoy");
        File.CreateSymbolicLink(hidden, directory.Outside);
        string third = directory["swap-third"];
        using var stop = new CancellationTokenSource();
        var swapper = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Rename(swapped, third);
                Rename(hidden, swapped);
                Rename(swapped, hidden);
                Rename(third, swapped);
            }
        });
        swapper.Start();
        try
        {
            int opened = 0, refused = 0;
            for (int i = 0; i < 4000 || ((opened == 0 || refused == 0) && i < 400_000); i++)
            {
                string path = (i & 1) == 0 ? "swap/secret" : "d/../swap/./secret";
                WasiErrno error = guest.Open(path, out uint fd, rights: WasiRights.FdRead);
                if (error == WasiErrno.NotPermitted) refused++;
                if (error == WasiErrno.Success)
                {
                    opened++;
                    uint buffer = 512, result = 256;
                    guest.Memory.WriteUInt32(264, buffer);
                    guest.Memory.WriteUInt32(268, 64);
                    Assert.Equal(WasiErrno.Success, guest.Call("fd_read", fd, 264, 1, result));
                    Assert.Equal("decoy", guest.Text(buffer, guest.UInt32(result)));
                    guest.Call("fd_close", fd);
                }
                if (guest.Stat(path, out var stat) == WasiErrno.Success) Assert.Equal(5UL, stat.Size);
                if ((i & 15) == 0) Assert.NotEqual(WasiErrno.Success, guest.Path("path_remove_directory", "swap/secret"));
            }
            Assert.True(opened > 0 && refused > 0, $"the race never happened: {opened} opened, {refused} refused");
        }
        finally
        {
            stop.Cancel();
            swapper.Join();
        }
    }

    // File.Move looks at what a link leads to; this doesn't.
    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string from, string to);

    [Fact]
    public void Read_only_directories_refuse_every_change()
    {
        using var reader = new WasiGuest(new WasiOptions { Directories = [new(directory.Inside, "/", ReadOnly: true)] });
        const WasiErrno Refused = WasiErrno.ReadOnlyFileSystem;
        Assert.Equal(WasiErrno.Success, reader.Open("d/f", out uint fd));
        Assert.Equal(WasiErrno.Success, reader.Read(fd, 9, out string text));
        Assert.Equal("inside", text);
        Assert.Equal(Refused, reader.Open("d/f", out _, rights: WasiRights.FdWrite));
        Assert.Equal(Refused, reader.Open("d/f", out _, WasiOpenFlags.Truncate));
        Assert.Equal(Refused, reader.Open("new", out _, WasiOpenFlags.Create));
        Assert.Equal(Refused, reader.Path("path_create_directory", "new"));
        Assert.Equal(Refused, reader.Path("path_remove_directory", "d/e"));
        Assert.Equal(Refused, reader.Path("path_unlink_file", "d/f"));
        Assert.Equal(Refused, reader.Symlink("x", "y"));
        Assert.Equal(Refused, reader.Rename("d/f", "g"));
        Assert.Equal(Refused, reader.Link("d/f", "g"));
        Assert.Equal(Refused, reader.SetTimes("d/f", 0, 0, WasiTimeFlags.Modification));
        Assert.Equal(Refused, reader.Call("fd_filestat_set_times", fd, 0, 0, 4));
        Assert.Equal(Refused, reader.Call("fd_filestat_set_times", 3, 0, 0, 4));
        Assert.Equal(WasiErrno.Success, reader.Open("d", out uint sub, WasiOpenFlags.Directory));
        Assert.Equal(Refused, reader.Open("new", out _, WasiOpenFlags.Create, directory: sub));
        Assert.Equal(WasiErrno.BadDescriptor, reader.Write(fd, "x", out _));
    }

    [Fact]
    public void A_read_only_directory_isnt_written_through_a_link_to_a_writable_one()
    {
        using var both = new WasiGuest(new WasiOptions
        {
            Directories = [new(directory.Inside, "/w"), new(directory.Inside, "/r", ReadOnly: true)],
        });
        Assert.Equal(WasiErrno.ReadOnlyFileSystem, both.Link("d/f", "g", fromDirectory: 4, toDirectory: 3));
        Assert.Equal(WasiErrno.ReadOnlyFileSystem, both.Rename("d/f", "g", fromDirectory: 4, toDirectory: 3));
        Assert.Equal(WasiErrno.ReadOnlyFileSystem, both.Rename("d/f", "g", fromDirectory: 3, toDirectory: 4));
    }

    [Fact]
    public void A_host_directory_that_cant_be_opened_is_reported()
    {
        Assert.Throws<DirectoryNotFoundException>(() => new WasiGuest(new WasiOptions { Directories = [new(directory["none"], "/")] }));
        Assert.Throws<IOException>(() => new WasiGuest(new WasiOptions { Directories = [new(directory["d/f"], "/")] }));
    }
}

public sealed class WasiSandboxTestsWithOpenAt2() : WasiSandboxTests(allowOpenAt2: true);

public sealed class WasiSandboxTestsByWalk() : WasiSandboxTests(allowOpenAt2: false);
