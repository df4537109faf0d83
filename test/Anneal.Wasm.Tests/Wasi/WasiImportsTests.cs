// The table of functions: complete, typed, and safe against any argument whatever.

using System.Runtime.InteropServices;
using Anneal.Wasm.Wasi;
using Anneal.Wasm.Wasi.Linux;
using Xunit;

namespace Anneal.Wasm.Tests.Wasi;

public sealed class WasiImportsTests
{
    public static TheoryData<string> Functions => new(WasiImports.Names);

    [Fact]
    public void All_46_functions_are_found_and_others_arent()
    {
        Assert.Equal(46, WasiImports.Names.Distinct().Count());
        foreach (string name in WasiImports.Names)
        {
            Assert.True(WasiImports.TryGet(name, out WasiImport? import));
            Assert.Equal(name, import.Name);
            Assert.Matches(name == "proc_exit" ? "^[iI]*:$" : "^[iI]*:i$", import.Signature);
        }
        Assert.False(WasiImports.TryGet("fd_dup", out _));
        Assert.False(WasiImports.TryGet("", out _));
    }

    [Theory]
    [InlineData("path_open", "iiiiiIIii:i")]
    [InlineData("fd_seek", "iIii:i")]
    [InlineData("fd_pread", "iiiIi:i")]
    [InlineData("fd_readdir", "iiiIi:i")]
    [InlineData("clock_time_get", "iIi:i")]
    [InlineData("path_filestat_set_times", "iiiiIIi:i")]
    [InlineData("path_link", "iiiiiii:i")]
    [InlineData("path_rename", "iiiiii:i")]
    [InlineData("path_symlink", "iiiii:i")]
    [InlineData("sock_recv", "iiiiii:i")]
    [InlineData("sock_send", "iiiii:i")]
    public void Types_are_those_that_c_libraries_import(string name, string signature)
    {
        Assert.True(WasiImports.TryGet(name, out WasiImport? import));
        Assert.Equal(signature, import.Signature);
    }

    // Every function with every combination of nasty numbers in neighbouring arguments: an errno each time, never a crash, and
    // never a write outside the guest's memory (which the guard bytes would show).
    [Theory]
    [MemberData(nameof(Functions))]
    public unsafe void No_argument_does_harm(string name)
    {
        if (name is "proc_exit" or "proc_raise") return;
        const int Size = 4096, Guard = 256;
        byte[] bytes = GC.AllocateArray<byte>(Guard + Size + Guard, pinned: true);
        using var directory = new TemporaryDirectory();
        ulong[] nasty =
        [
            0, 1, 3, 4, 7, Size - 8, Size - 1, Size, Size + 1, int.MaxValue, 0x80000000, 0xfffffff8, uint.MaxValue, ulong.MaxValue,
        ];
        Assert.True(WasiImports.TryGet(name, out WasiImport? import));
        int arity = import.Signature.IndexOf(':');
        var arguments = new ulong[arity];
        var random = new Random(12345);
        int rounds = arity switch { 0 => 1, 1 => 14, 2 => 196, _ => 3000 };
        fixed (byte* start = bytes)
        {
            var memory = new GuestMemory(start + Guard, Size);
            WasiPreview1? wasi = null;
            for (int round = 0; round < rounds; round++)
            {
                if (round % 200 == 0)
                {
                    wasi?.Dispose();
                    wasi = new WasiPreview1(new WasiOptions
                    {
                        StandardInput = Stream.Null,
                        StandardOutput = Stream.Null,
                        StandardError = Stream.Null,
                        Directories = [new(directory.Inside, "/")],
                        Arguments = ["a", "b"],
                    });
                    random.NextBytes(bytes.AsSpan(Guard, Size));
                }
                for (int i = 0; i < arity; i++)
                {
                    // i32 slots are zero-extended.
                    ulong value = nasty[arity <= 2 ? (i == 0 ? round % 14 : round / 14) : random.Next(14)];
                    arguments[i] = import.Signature[i] == 'i' ? (uint)value : value;
                }
                // A subscription that never fires would wait for ever.
                int error;
                try
                {
                    error = import.Body(wasi!, memory, arguments, name == "poll_oneoff" ? new CancellationToken(true) : default);
                }
                catch (OperationCanceledException) when (name == "poll_oneoff")
                {
                    continue;
                }
                Assert.InRange(error, 0, 76);
            }
            wasi?.Dispose();
        }
        Assert.Equal(-1, bytes.AsSpan(0, Guard).IndexOfAnyExcept((byte)0));
        Assert.Equal(-1, bytes.AsSpan(Guard + Size).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public unsafe void Memory_is_reached_up_to_its_last_byte_and_no_further()
    {
        byte* start = stackalloc byte[16];
        var memory = new GuestMemory(start, 16);
        memory.WriteUInt64(8, 0x1122334455667788);
        Assert.Equal(0x1122334455667788UL, memory.ReadUInt64(8));
        Assert.Equal(0x11223344u, memory.ReadUInt32(12));
        Assert.Equal(0x1122, memory.ReadUInt16(14));
        Assert.Equal(0x11, memory.ReadUInt8(15));
        Assert.Equal(0, memory.Slice(16, 0).Length);
        (uint, uint)[] misses =
            [(9, 8), (16, 1), (17, 0), (uint.MaxValue, 1), (0, 17), (1, uint.MaxValue), (uint.MaxValue, uint.MaxValue)];
        foreach ((uint address, uint size) in misses)
        {
            Assert.Throws<GuestMemoryFaultException>(() => new GuestMemory((byte*)0, 16).Slice(address, size).Length);
        }
        Assert.Throws<GuestMemoryFaultException>(() => new GuestMemory((byte*)0, 16).ReadUInt64(9));
        Assert.Throws<GuestMemoryFaultException>(() => new GuestMemory((byte*)0, 16).ReadUInt32(13));
        Assert.Throws<GuestMemoryFaultException>(() => new GuestMemory((byte*)0, 16).ReadUInt16(15));
        Assert.Throws<GuestMemoryFaultException>(() => new GuestMemory((byte*)0, 16).ReadUInt8(16));
        Assert.Throws<GuestMemoryFaultException>(() => new GuestMemory((byte*)0, 16).WriteUInt8(16, 0));
        // More than a span can hold, though it is there.
        Assert.Throws<GuestMemoryFaultException>(() => new GuestMemory((byte*)0, 1UL << 32).Slice(0, 0x80000000).Length);
    }

    [Fact]
    public void Vectors_are_checked_before_anything_is_moved()
    {
        using var output = new MemoryStream();
        using var guest = new WasiGuest(new WasiOptions { StandardOutput = output });
        uint result = guest.Allocate(4);
        uint end = WasiGuest.MemorySize;
        uint bad = guest.PutVectors(guest.Put("fine"), (end - 1, 2));
        Assert.Equal(WasiErrno.Fault, guest.Call("fd_write", 1, bad, 2, result));
        uint wraps = guest.PutVectors((uint.MaxValue, 2));
        Assert.Equal(WasiErrno.Fault, guest.Call("fd_write", 1, wraps, 1, result));
        uint good = guest.PutVectors(guest.Put("fine"));
        Assert.Equal(WasiErrno.Fault, guest.Call("fd_write", 1, good, 1, end - 3));
        Assert.Equal(WasiErrno.Fault, guest.Call("fd_write", 1, good, uint.MaxValue, result));
        Assert.Equal(WasiErrno.Fault, guest.Call("fd_write", 1, end - 7, 1, result));
        Assert.Equal(WasiErrno.Fault, guest.Call("fd_write", 1, 0xfffffff8, 0x20000001, result));
        Assert.Equal(0, output.Length);
        // A sum that doesn't fit the result, though each part is in memory.
        var whole = Enumerable.Repeat((0u, end), 1024).ToArray();
        uint many = guest.PutVectors(whole);
        Assert.Equal(WasiErrno.Success, guest.Call("fd_write", 2, many, 1024, result));
        Assert.Equal(1024u * end, guest.UInt32(result));
        Assert.Equal(WasiErrno.Success, guest.Call("fd_write", 1, good, 1, result));
        Assert.Equal("fine"u8.ToArray(), output.ToArray());
    }

    [Fact]
    public unsafe void A_sum_of_vectors_that_no_result_could_tell_is_invalid()
    {
        const uint Size = 8 << 20;
        byte* start = (byte*)NativeMemory.AllocZeroed(Size);
        try
        {
            using var guest = new WasiGuest();
            var memory = new GuestMemory(start, Size);
            for (uint i = 0; i < 1024; i++) memory.WriteUInt32(i * 8 + 4, Size);
            Assert.True(WasiImports.TryGet("fd_write", out WasiImport? import));
            Assert.Equal((int)WasiErrno.Success, import.Body(guest.Wasi, memory, [1, 0, 511, Size - 4], default));
            Assert.Equal(511 * Size, memory.ReadUInt32(Size - 4));
            Assert.Equal((int)WasiErrno.Invalid, import.Body(guest.Wasi, memory, [1, 0, 512, Size - 4], default));
        }
        finally
        {
            NativeMemory.Free(start);
        }
    }

    [Fact]
    public unsafe void Layouts_are_the_kernels()
    {
        Assert.Equal(256, sizeof(Statx));
        Assert.Equal(24, sizeof(OpenHow));
        Assert.Equal(8, sizeof(PollDescriptor));
        Assert.Equal(16, sizeof(TimeSpec));
        Assert.Equal(16, sizeof(StatxTime));
        Assert.Equal(2 * sizeof(nint), sizeof(IoVector));
    }

    [Fact]
    public void Host_errors_have_their_own_words()
    {
        // One number of WASI for each of Linux's that it knows; none is lost in the catch-all but real input/output errors.
        WasiErrno[] known = Enumerable.Range(1, 133).Select(LinuxErrno.ToWasi).Where(error => error != WasiErrno.IO).ToArray();
        Assert.Equal(known.Length, known.Distinct().Count());
        Assert.Equal(74, known.Length);
        Assert.Equal(WasiErrno.NoEntry, LinuxErrno.ToWasi(2));
        Assert.Equal(WasiErrno.NotEmpty, LinuxErrno.ToWasi(39));
        Assert.Equal(WasiErrno.TimedOut, LinuxErrno.ToWasi(110));
        Assert.Equal(WasiErrno.IO, LinuxErrno.ToWasi(9999));
    }

    [Fact]
    public unsafe void The_calls_that_guests_make_most_allocate_nothing()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["f"], new string('x', 100));
        using var guest = new WasiGuest(new WasiOptions
        {
            StandardInput = new MemoryStream(new byte[100_000]),
            Directories = [new(directory.Inside, "/")],
        });
        uint fd = guest.OpenOrFail("f", rights: WasiRights.All);
        uint result = guest.Allocate(8);
        uint vectors = guest.PutVectors(guest.Put("ab"), guest.Put("cd"));
        (string Name, ulong[] Arguments)[] calls =
        [
            ("fd_read", [fd, vectors, 1, result]), ("fd_read", [fd, vectors, 2, result]), ("fd_write", [fd, vectors, 1, result]),
            ("fd_write", [fd, vectors, 2, result]), ("fd_pread", [fd, vectors, 2, 0, result]), ("fd_read", [0, vectors, 1, result]),
            ("fd_write", [1, vectors, 2, result]), ("fd_seek", [fd, 0, 0, result]), ("clock_time_get", [0, 0, result]),
            ("clock_time_get", [1, 0, result]), ("random_get", [result, 8]), ("fd_fdstat_get", [fd, vectors]),
        ];
        GuestMemory memory = guest.Memory;
        foreach ((string name, ulong[] arguments) in calls)
        {
            Assert.True(WasiImports.TryGet(name, out WasiImport? import));
            WasiFunction body = import.Body;
            for (int i = 0; i < 50; i++) Assert.Equal(0, body(guest.Wasi, memory, arguments, default));
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 50; i++) body(guest.Wasi, memory, arguments, default);
            Assert.Equal((name, 0L), (name, GC.GetAllocatedBytesForCurrentThread() - before));
            // fd_fdstat_get wrote over the vectors; it is the last.
        }
    }
}
