// Plays the guest in WASI tests: a pinned memory, a place to put arguments, and calls through the same table that a linker binds.

using System.Runtime.InteropServices;
using System.Text;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Wasi;

internal sealed unsafe class WasiGuest : IDisposable
{
    public const uint MemorySize = 1 << 20;

    private readonly byte[] bytes = GC.AllocateArray<byte>((int)MemorySize, pinned: true);
    private uint next = 1024;

    public WasiGuest(WasiOptions? options = null, bool allowOpenAt2 = true)
    {
        options ??= new WasiOptions();
        Wasi = new WasiPreview1(
            options with
            {
                StandardInput = options.StandardInput ?? Stream.Null,
                StandardOutput = options.StandardOutput ?? Stream.Null,
                StandardError = options.StandardError ?? Stream.Null,
            },
            allowOpenAt2);
    }

    public WasiGuest(WasiPreview1 wasi) => Wasi = wasi;

    public WasiPreview1 Wasi { get; }

    public GuestMemory Memory => new((byte*)Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0), MemorySize);

    public CancellationToken Cancellation { get; set; }

    public WasiErrno Call(string name, params ulong[] arguments)
    {
        Assert.True(WasiImports.TryGet(name, out WasiImport? import), name);
        Assert.Equal(import.Signature.IndexOf(':'), arguments.Length);
        return (WasiErrno)import.Body(Wasi, Memory, arguments, Cancellation);
    }

    public uint Allocate(int size)
    {
        uint address = next;
        next = (next + (uint)size + 15) & ~15u;
        Assert.True(next < MemorySize, "the test uses more memory than its guest has");
        return address;
    }

    public (uint Address, uint Length) Put(ReadOnlySpan<byte> data)
    {
        uint address = Allocate(data.Length);
        data.CopyTo(Memory.Slice(address, (uint)data.Length));
        return (address, (uint)data.Length);
    }

    public (uint Address, uint Length) Put(string text) => Put(Encoding.UTF8.GetBytes(text));

    /// <summary>Puts one iovec for each buffer and returns the array's address.</summary>
    public uint PutVectors(params (uint Address, uint Length)[] buffers)
    {
        uint array = Allocate(buffers.Length * 8);
        for (int i = 0; i < buffers.Length; i++)
        {
            Memory.WriteUInt32(array + (uint)i * 8, buffers[i].Address);
            Memory.WriteUInt32(array + (uint)i * 8 + 4, buffers[i].Length);
        }
        return array;
    }

    public string Text(uint address, uint length) => Encoding.UTF8.GetString(Memory.Slice(address, length));

    public uint UInt32(uint address) => Memory.ReadUInt32(address);

    public ulong UInt64(uint address) => Memory.ReadUInt64(address);

    // ---- the calls that most tests need

    public WasiErrno Open(
        string path, out uint fd, WasiOpenFlags open = 0, WasiRights rights = WasiRights.All & ~WasiRights.Writing,
        WasiFdFlags flags = 0, bool follow = true, uint directory = 3, ulong? inheriting = null)
    {
        uint mark = next;
        (uint at, uint length) = Put(path);
        uint result = Allocate(4);
        WasiErrno error = Call(
            "path_open", directory, follow ? 1u : 0, at, length, (ulong)open, (ulong)rights, inheriting ?? (ulong)WasiRights.All,
            (ulong)flags, result);
        fd = error == WasiErrno.Success ? UInt32(result) : uint.MaxValue;
        next = mark;
        return error;
    }

    public uint OpenOrFail(
        string path, WasiOpenFlags open = 0, WasiRights rights = WasiRights.All & ~WasiRights.Writing, WasiFdFlags flags = 0,
        uint directory = 3)
    {
        Assert.Equal(WasiErrno.Success, Open(path, out uint fd, open, rights, flags, directory: directory));
        return fd;
    }

    public WasiErrno Path(string function, string path, uint directory = 3)
    {
        uint mark = next;
        (uint at, uint length) = Put(path);
        WasiErrno error = Call(function, directory, at, length);
        next = mark;
        return error;
    }

    public WasiErrno Stat(string path, out (WasiFileType Type, ulong Size, ulong Inode, ulong Links) stat, bool follow = true, uint directory = 3)
    {
        uint mark = next;
        (uint at, uint length) = Put(path);
        uint result = Allocate(64);
        WasiErrno error = Call("path_filestat_get", directory, follow ? 1u : 0, at, length, result);
        stat = ((WasiFileType)Memory.ReadUInt8(result + 16), UInt64(result + 32), UInt64(result + 8), UInt64(result + 24));
        next = mark;
        return error;
    }

    public WasiErrno Symlink(string target, string path, uint directory = 3)
    {
        (uint a, uint al) = Put(target);
        (uint b, uint bl) = Put(path);
        return Call("path_symlink", a, al, directory, b, bl);
    }

    public WasiErrno Rename(string from, string to, uint fromDirectory = 3, uint toDirectory = 3)
    {
        (uint a, uint al) = Put(from);
        (uint b, uint bl) = Put(to);
        return Call("path_rename", fromDirectory, a, al, toDirectory, b, bl);
    }

    public WasiErrno Link(string from, string to, bool follow = false, uint fromDirectory = 3, uint toDirectory = 3)
    {
        (uint a, uint al) = Put(from);
        (uint b, uint bl) = Put(to);
        return Call("path_link", fromDirectory, follow ? 1u : 0, a, al, toDirectory, b, bl);
    }

    public WasiErrno ReadLink(string path, out string target, int size = 256, uint directory = 3)
    {
        (uint at, uint length) = Put(path);
        uint buffer = Allocate(size);
        uint result = Allocate(4);
        WasiErrno error = Call("path_readlink", directory, at, length, buffer, (uint)size, result);
        target = error == WasiErrno.Success ? Text(buffer, UInt32(result)) : "";
        return error;
    }

    public WasiErrno SetTimes(string path, ulong access, ulong modification, WasiTimeFlags which, bool follow = true)
    {
        (uint at, uint length) = Put(path);
        return Call("path_filestat_set_times", 3, follow ? 1u : 0, at, length, access, modification, (ulong)which);
    }

    public WasiErrno Write(uint fd, string text, out uint written)
    {
        uint vectors = PutVectors(Put(text));
        uint result = Allocate(4);
        WasiErrno error = Call("fd_write", fd, vectors, 1, result);
        written = UInt32(result);
        return error;
    }

    public WasiErrno Read(uint fd, int size, out string text)
    {
        uint buffer = Allocate(size);
        uint vectors = PutVectors((buffer, (uint)size));
        uint result = Allocate(4);
        WasiErrno error = Call("fd_read", fd, vectors, 1, result);
        text = error == WasiErrno.Success ? Text(buffer, UInt32(result)) : "";
        return error;
    }

    public (WasiFileType Type, WasiFdFlags Flags, WasiRights Rights, WasiRights Inheriting) FdStat(uint fd)
    {
        uint at = Allocate(24);
        Assert.Equal(WasiErrno.Success, Call("fd_fdstat_get", fd, at));
        return ((WasiFileType)Memory.ReadUInt8(at), (WasiFdFlags)Memory.ReadUInt16(at + 2),
            (WasiRights)UInt64(at + 8), (WasiRights)UInt64(at + 16));
    }

    public void Dispose() => Wasi.Dispose();
}
