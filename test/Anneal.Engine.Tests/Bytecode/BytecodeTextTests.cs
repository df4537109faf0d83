using Anneal.Bytecode;
using Xunit;

namespace Anneal.Tests;

public sealed class BytecodeTextTests
{
    [Fact]
    public void Prints_each_kind_of_operand()
    {
        const string text = """
            function slots=9 params=2 results=1 temps=3
            at 0x10
            L0:
                 0: loop 0:3
                 2: i32.add.k s3, s0, -7
                 3: const s4, 0xdeadbeef
                 5: mov.far s8:s0
                 7: select s3, s3, s4, s1
            at 0x22
                 9: i64.load32_u s3, s3, m2.guarded, +16
                11: f64.store s0, s1, m0.trusted, +0
                13: memory.copy s5, s6, s7, 0:1
                15: table.get s5, s5, 3
                16: global.get s5, #70000
                18: br.i32.lt_s.k s5, -1 -> L0 (live 3)
                20: br.f64.not_le s0, s1 -> L28
                22: call 4, f12 (args 2, site 9)
                24: call.indirect s4, 5, 1, t3 (args 0)
                26: tail.ref s4, 5, t16777215 (args 4)
            L28:
                28: br_table s0, 1 -> L0 (live 3), L31
            L31:
                31: trap 3

            """;
        FunctionBody body = BytecodeText.Parse(text);
        Assert.Equal(text.ReplaceLineEndings("\n"), BytecodeText.Print(body));
        Assert.Equal((9, 2, 1, 3, 1), (body.SlotCount, body.ParameterSlots, body.ResultSlots, body.TemporaryBase, body.LoopCount));
        Assert.Equal((0x10, 0x22), (body.Sources.GuestOffset(8), body.Sources.GuestOffset(9)));
    }

    [Fact]
    public void Parses_to_the_words_that_the_writer_writes()
    {
        var writer = new BytecodeWriter();
        BytecodeLabel end = writer.NewLabel(2);
        writer.LoopHeader(2);
        writer.I32Load(1, 0, new MemoryOperand(3, AddressingMode.Checked), 0x100000000);
        writer.BrI64GeUK(1, short.MinValue, end);
        writer.MovFar(70000, 1);
        writer.CallIndirect(1, 5, 2, new CallOperand(77, 3, 4));
        writer.BrTable(0, 1);
        writer.TableTarget(end);
        writer.TableTarget(end);
        writer.Bind(end);
        writer.Ret1(1);
        FunctionBody written = writer.Finish(70001, 1, 1, 2);
        FunctionBody parsed = BytecodeText.Parse("""
            function slots=70001 params=1 results=1 temps=2
            loop 0:2
            i32.load s1, s0, m3.checked, +4294967296
            br.i64.ge_u.k s1, -32768 -> end (live 2)
            mov.far s70000:s1
            call.indirect s1, 5, 2, t77 (args 4, site 3)
            br_table s0, 1 -> end (live 2), end (live 2)
            end: ret.1 s1
            """);
        Assert.Equal(written.Code, parsed.Code);
        Assert.Equal(BytecodeText.Print(written), BytecodeText.Print(parsed));
    }

    [Fact]
    public void Every_op_round_trips()
    {
        var random = new Random(7);
        foreach (Op op in Enum.GetValues<Op>())
        {
            for (int round = 0; round < 8; round++)
            {
                ulong[] code = RandomInstruction(op, random);
                var body = new FunctionBody { Code = code, SlotCount = 1 << 20, ParameterSlots = 0, ResultSlots = 0, TemporaryBase = 0, LoopCount = op == Op.Loop ? 1 : 0, Sources = SourceMap.Empty };
                Assert.Equal(code, BytecodeText.Parse(BytecodeText.Print(body)).Code);
            }
        }
    }

    [Theory]
    [InlineData("", "no function")]
    [InlineData("function slots=1", "line 1: 'params=' expected")]
    [InlineData("function slots=-1 params=0 results=0 temps=0", "line 1: '-1 params")]
    [InlineData("{0}\nfoo s0", "line 2: no op 'foo'")]
    [InlineData("{0}\nmov s0", "line 2: ',' expected")]
    [InlineData("{0}\nmov s0, s65536", "line 2: 65536 is more than 65535")]
    [InlineData("{0}\nmov s0, s1, s2", "line 2: ', s2' is too much")]
    [InlineData("{0}\ni32.add.k s0, s0, 32768", "32768 is more than 32767")]
    [InlineData("{0}\ni32.add.k s0, s0, -32769", "32769 is more than 32768")]
    [InlineData("{0}\nbr -> L", "line 2: no label L")]
    [InlineData("{0}\nL: nop\nL: nop", "line 3: label L bound twice")]
    [InlineData("{0}\ni32.load s0, s0, m0.wild, +0", "no addressing mode 'wild'")]
    [InlineData("{0}\ncall 0, f16777216 (args 0)", "16777216 is more than")]
    [InlineData("{0}\nconst s0, 0x10000000000000000", "doesn't start with a number")]
    public void Errors_name_the_line(string text, string message)
    {
        string source = text.Replace("{0}", "function slots=1 params=0 results=0 temps=0", StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<FormatException>(() => BytecodeText.Parse(source)).Message);
    }

    private static ulong[] RandomInstruction(Op op, Random random)
    {
        var words = new List<ulong> { (ushort)op };
        int field = 0;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            ulong bits = operand.Kind switch
            {
                OperandKind.SourceWord => (ulong)random.Next(1 << 16),
                OperandKind.Index => (ulong)random.NextInt64(1L << 32),
                OperandKind.Target => new BranchTarget(0, random.Next(1 << 16)).Bits,
                OperandKind.Number16 when op == Op.BrTable => 3,
                _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            };
            if (operand.IsField) words[0] |= (ulong)(ushort)bits << (16 * ++field);
            else words.Add(bits);
        }

        if (op == Op.BrTable) words.AddRange([new BranchTarget(0, 1).Bits, new BranchTarget(0, 2).Bits, new BranchTarget(0, 65535).Bits, new BranchTarget(0, 3).Bits]);
        return [.. words];
    }
}
