// Every kind of trap that WebAssembly can raise, on every tier: the kind, and a backtrace whose frames name the functions
// and the very instructions, checked by the opcode byte at the frame's offset.

using System.Text;
using Anneal.Wasm.Tests.Api;
using Anneal.Wasm.Text;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class TrapKindTests : ApiTest
{
    private sealed record Trap(string Body, TrapKind Kind, byte Opcode);

    private static readonly Trap[] Traps =
    [
        new("(unreachable)", TrapKind.Unreachable, 0x00),
        new("(drop (i32.load (i32.const 65533)))", TrapKind.MemoryOutOfBounds, 0x28),
        new("(drop (i32.load offset=0xffffffff (local.get 0)))", TrapKind.MemoryOutOfBounds, 0x28),
        new("(drop (f64.load (i32.const -1)))", TrapKind.MemoryOutOfBounds, 0x2B),
        new("(i64.store (i32.const 65529) (i64.const 1))", TrapKind.MemoryOutOfBounds, 0x37),
        new("(f32.store $other (i32.const 1) (f32.const 1))", TrapKind.MemoryOutOfBounds, 0x38),
        new("(memory.fill (i32.const 65536) (i32.const 0) (i32.const 1))", TrapKind.MemoryOutOfBounds, 0xFC),
        new("(memory.copy (i32.const 0) (i32.const 1) (i32.const 65536))", TrapKind.MemoryOutOfBounds, 0xFC),
        new("(memory.init $data (i32.const 0) (i32.const 2) (i32.const 2))", TrapKind.MemoryOutOfBounds, 0xFC),
        new("(drop (table.get $table (i32.const 4)))", TrapKind.TableOutOfBounds, 0x25),
        new("(table.set $table (i32.const -1) (ref.null func))", TrapKind.TableOutOfBounds, 0x26),
        new("(table.fill $table (i32.const 3) (ref.null func) (i32.const 2))", TrapKind.TableOutOfBounds, 0xFC),
        new("(table.copy $table $table (i32.const 5) (i32.const 0) (i32.const 0))", TrapKind.TableOutOfBounds, 0xFC),
        new("(table.init $table $elements (i32.const 0) (i32.const 1) (i32.const 1))", TrapKind.TableOutOfBounds, 0xFC),
        new("(call_indirect $table (type $nothing) (i32.const 4))", TrapKind.TableOutOfBounds, 0x11),
        new("(call_indirect $table (type $nothing) (i32.const 0))", TrapKind.IndirectCallToNull, 0x11),
        new("(drop (call_indirect $table (result i32) (i32.const 1)))", TrapKind.IndirectCallTypeMismatch, 0x11),
        new("(drop (i32.div_s (i32.const 0x80000000) (local.get 1)))", TrapKind.IntegerOverflow, 0x6D),
        new("(drop (i64.div_s (i64.const 0x8000000000000000) (i64.extend_i32_s (local.get 1))))", TrapKind.IntegerOverflow, 0x7F),
        new("(drop (i32.div_s (i32.const 1) (local.get 0)))", TrapKind.IntegerDivideByZero, 0x6D),
        new("(drop (i32.div_u (i32.const 1) (local.get 0)))", TrapKind.IntegerDivideByZero, 0x6E),
        new("(drop (i32.rem_s (i32.const 1) (local.get 0)))", TrapKind.IntegerDivideByZero, 0x6F),
        new("(drop (i32.rem_u (i32.const 1) (i32.const 0)))", TrapKind.IntegerDivideByZero, 0x70),
        new("(drop (i64.div_s (i64.const 1) (i64.const 0)))", TrapKind.IntegerDivideByZero, 0x7F),
        new("(drop (i64.div_u (i64.const 1) (i64.extend_i32_u (local.get 0))))", TrapKind.IntegerDivideByZero, 0x80),
        new("(drop (i64.rem_s (i64.const 1) (i64.extend_i32_u (local.get 0))))", TrapKind.IntegerDivideByZero, 0x81),
        new("(drop (i64.rem_u (i64.const 1) (i64.extend_i32_u (local.get 0))))", TrapKind.IntegerDivideByZero, 0x82),
        new("(drop (i32.trunc_f32_s (f32.const nan)))", TrapKind.InvalidConversionToInteger, 0xA8),
        new("(drop (i32.trunc_f64_u (f64.const nan)))", TrapKind.InvalidConversionToInteger, 0xAB),
        new("(drop (i64.trunc_f64_s (f64.const nan)))", TrapKind.InvalidConversionToInteger, 0xB0),
        new("(drop (i32.trunc_f32_s (f32.const 2147483648)))", TrapKind.IntegerOverflow, 0xA8),
        new("(drop (i32.trunc_f64_u (f64.const -1)))", TrapKind.IntegerOverflow, 0xAB),
        new("(drop (i64.trunc_f32_u (f32.const inf)))", TrapKind.IntegerOverflow, 0xAF),
        new("(drop (ref.as_non_null (table.get $table (i32.const 0))))", TrapKind.NullReference, 0xD4),
        new("(call_ref $nothing (local.get $null))", TrapKind.NullReference, 0x14),
    ];

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Kinds_and_backtraces(Tier tier, MemoryChecks checks)
    {
        byte[] bytes = WatEncoder.Encode(Encoding.UTF8.GetBytes(Source()));
        Engine engine = NewEngine(tier, checks);
        Module module = Keep(Module.FromBytes(engine, bytes));
        Assert.Equal(tier, engine.Tier);
        Instance instance = NewLinker(engine).Instantiate(NewStore(engine), module);
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < Traps.Length; i++)
            {
                string label = $"{tier} {checks}: {Traps[i].Body}";
                TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction($"case{i}")!.Invoke());
                Assert.True(Traps[i].Kind == trap.Kind, $"{label}: {trap.Kind}");
                Assert.True(trap.Frames.Count == 3, $"{label}: {trap.GuestBacktrace}");
                Check(label, trap.Frames[0], $"bad{i}", i * 3, bytes, Traps[i].Opcode);
                Check(label, trap.Frames[1], $"middle{i}", (i * 3) + 1, bytes, 0x10);
                Check(label, trap.Frames[2], $"outer{i}", (i * 3) + 2, bytes, 0x10);
            }
        }
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Deep_recursion_shows_both_ends(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Instance instance = NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, """
            (module
              (func $down (param i32) (result i32) (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
              (func $start (export "start") (result i32) (call $down (i32.const 0))))
            """));
        TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction<Func<int>>("start")());
        Assert.Equal(TrapKind.StackExhausted, trap.Kind);
        Assert.Equal(200, trap.Frames.Count);
        Assert.Equal("start", trap.Frames[^1].FunctionName);
        Assert.All(trap.Frames.Take(199), frame => Assert.Equal("down", frame.FunctionName));
        Assert.Single(trap.Frames.Skip(1).Take(198).Select(frame => frame.GuestOffset).Distinct());
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Traps_leave_memory_as_it_was_before_the_instruction(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Instance instance = NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, """
            (module (memory (export "memory") 1)
              (func (export "run") (param i32)
                (i32.store8 (i32.const 65535) (i32.const 7))
                (i64.store (i32.const 65529) (i64.const -1))
                (i32.store8 (i32.const 0) (i32.const 9))))
            """));
        Assert.Throws<TrapException>(() => instance.GetFunction<Action<int>>("run")(0));
        Memory memory = instance.GetMemory("memory")!;
        Assert.Equal(0, memory.ReadByte(0));
        Assert.Equal(7, memory.ReadByte(65535));
        Assert.Equal(0, memory.ReadByte(65529));
    }

    private static void Check(string label, GuestFrame frame, string name, int index, byte[] bytes, byte opcode)
    {
        Assert.True(frame.FunctionName == name && frame.FunctionIndex == index, $"{label}: {frame}, not {name}");
        Assert.True(frame.GuestOffset > 0 && bytes[frame.GuestOffset] == opcode, $"{label}: {frame} is at 0x{bytes[Math.Max(0, frame.GuestOffset)]:x2}, not at 0x{opcode:x2}");
    }

    private static string Source()
    {
        var text = new StringBuilder("""
            (module
              (type $nothing (func))
              (memory 1 1) (memory $other 0)
              (data $data "abc")
              (table $table 4 4 funcref) (elem (table $table) (i32.const 1) func 0)
              (elem $elements func 0)
              (elem declare func 0)

            """);
        for (int i = 0; i < Traps.Length; i++)
        {
            text.Append($"""
                (func $bad{i} (param i32 i32) (local $null (ref null $nothing)) (local.set 0 (local.get 0)) (nop) {Traps[i].Body})
                (func $middle{i} (param i32) (drop (i32.const 5)) (call $bad{i} (local.get 0) (i32.const -1)))
                (func $outer{i} (export "case{i}") (nop) (call $middle{i} (i32.const 0)))

                """);
        }

        return text.Append(')').ToString();
    }
}
