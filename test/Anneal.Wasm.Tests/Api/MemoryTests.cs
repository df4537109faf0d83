using System.Text;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Api;

public sealed class MemoryTests : ApiTest
{
    [Fact]
    public void Values_and_strings_are_read_and_written()
    {
        using var memory = new Memory(new MemoryType(new Limits(1, 3)));
        memory.WriteByte(0, 0xFE);
        memory.WriteInt16(2, -2);
        memory.WriteInt32(4, -4);
        memory.WriteInt64(8, -8);
        memory.WriteSingle(16, 1.5f);
        memory.WriteDouble(24, -2.5);
        Assert.Equal((0xFE, -2, -4, -8L, 1.5f, -2.5),
            (memory.ReadByte(0), memory.ReadInt16(2), memory.ReadInt32(4), memory.ReadInt64(8), memory.ReadSingle(16), memory.ReadDouble(24)));
        Assert.Equal(6, memory.WriteString(100, "añbcd"));
        Assert.Equal("añbcd", memory.ReadNullTerminatedString(100));
        Assert.Equal("añ", memory.ReadString(100, 3));
        Assert.Equal(65536, memory.AsSpan().Length);
    }

    [Fact]
    public void Nothing_outside_is_reached()
    {
        using var memory = new Memory(new MemoryType(new Limits(1, 3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadInt32(65533));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadByte(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.WriteInt64(long.MaxValue, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadString(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.AsSpan(65536, 1).Length);
        Assert.Equal(0, memory.AsSpan(65536, 0).Length);
        memory.AsSpan().Fill(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadNullTerminatedString(65000));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.WriteString(65535, "ab"));
    }

    [Fact]
    public void Spans_outlive_growth_and_see_the_same_bytes()
    {
        using var memory = new Memory(new MemoryType(new Limits(1, 3)));
        Span<byte> before = memory.AsSpan();
        Assert.Equal(1, memory.Grow(2));
        Assert.Equal(-1, memory.Grow(1));
        Assert.Equal(3, memory.Pages);
        memory.WriteByte(10, 7);
        Assert.Equal(7, before[10]);
        memory.WriteByte(3 * 65536 - 1, 1);
    }

    [Fact]
    public void More_than_two_gigabytes_are_reachable()
    {
        using var memory = new Memory(new MemoryType(new Limits(40_000, null)));
        long offset = (40_000L * 65536) - 4;
        memory.WriteInt32(offset, 99);
        Assert.Equal(99, memory.AsSpan(offset, 4)[0]);
        Assert.Throws<InvalidOperationException>(() => memory.AsSpan().Length);
    }

    [Fact]
    public void Impossible_types_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Memory(new MemoryType(new Limits(2, 1))));
        Assert.Throws<ArgumentException>(() => new Memory(new MemoryType(new Limits(65537, null))));
        Assert.Throws<ArgumentException>(() => new Memory(new MemoryType(new Limits(1, null), Is64: true)));
    }

    [Fact]
    public void Globals_are_typed_and_know_whether_they_can_be_assigned()
    {
        Store store = NewStore(NewEngine(Tier.Portable));
        var global = new Global(store, new GlobalType(ValueType.I64, true), 5L);
        global.Set(ulong.MaxValue);
        Assert.Equal(-1L, global.Get<long>());
        Assert.Throws<InvalidOperationException>(() => global.Get<int>());
        Assert.Throws<InvalidOperationException>(() => global.Set("text"));
        Assert.Throws<ArgumentException>(() => global.Value = 1.0);
        var constant = new Global(store, new GlobalType(ValueType.F64, false), 2.0);
        Assert.Equal(2.0, constant.Value);
        Assert.Throws<InvalidOperationException>(() => constant.Set(3.0));
        Assert.Throws<InvalidOperationException>(() => constant.Value = 3.0);
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void A_wasi_program_writes_and_exits(Tier tier)
    {
        Engine engine = NewEngine(tier);
        Linker linker = NewLinker(engine);
        using var output = new MemoryStream();
        linker.DefineWasi(new WasiOptions { StandardOutput = output });
        Instance instance = linker.Instantiate(NewStore(engine), Compile(engine, """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (data (i32.const 0) "\10\00\00\00\06\00\00\00")
              (data (i32.const 16) "hello\n")
              (func (export "_start")
                (call $exit (i32.add (i32.const 3) (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))))))
            """));
        Assert.Equal(3, Assert.Throws<WasmExit>(instance.GetFunction<Action>("_start")).ExitCode);
        Assert.Equal("hello\n", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal(6, instance.GetMemory("memory")!.ReadInt32(32));
    }

    [Fact]
    public void Modules_come_from_files_and_streams_in_either_format()
    {
        Engine engine = NewEngine(Tier.Portable);
        byte[] text = Encoding.UTF8.GetBytes("""
            ;; a comment first
            (module (func (export "f") (result i32) (i32.const 3)))
            """);
        byte[] binary = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
        using Module fromText = Module.FromStream(engine, new MemoryStream(text));
        using Module fromBinary = Module.FromStream(engine, new MemoryStream(binary), "given");
        Assert.Single(fromText.Exports);
        Assert.Equal("given", fromBinary.Name);
        Assert.Throws<MalformedModuleException>(() => Module.FromBytes(engine, "not a module"u8));
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, text);
            using Module fromFile = Module.FromFile(engine, path);
            Assert.Equal("f", fromFile.Exports[0].Name);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
