// Both syntaxes: what is printed assembles to the same instructions; text that isn't a program is refused with its line.

using Anneal.Ebpf.Assembly;
using Anneal.Ebpf.Tests.Conformance;
using Anneal.Ebpf.Tests.Loading;
using Xunit;

namespace Anneal.Ebpf.Tests.Assembly;

public sealed class AssemblyTests
{
    [Fact]
    public void Random_instructions_survive_both_syntaxes()
    {
        var random = new Random(5);
        var code = new List<Instruction>();
        while (code.Count < 20_000)
        {
            var i = new Instruction((byte)random.Next(256), random.Next(11), random.Next(11) * random.Next(2), (short)(random.Next(-40, 40) * random.Next(2)), random.Next(4) switch
            {
                0 => random.Next(2) * 16,
                1 => (int)AtomicOperation.CompareExchange,
                2 => random.Next(int.MinValue, int.MaxValue),
                _ => 0,
            });
            if (InstructionRules.Fault(i) is not null || (i.IsWideImmediate && i.Source > (int)PseudoSource.MapValue)) continue;
            if (i.IsWideImmediate && i.Source != 0) i = new Instruction(i.Opcode, i.Destination, i.Source, 0, i.Immediate & 1023);
            code.Add(i);
            if (i.IsWideImmediate) code.Add(new Instruction(0, 0, 0, 0, i.Source == (int)PseudoSource.Map ? 0 : random.Next()));
        }

        AssertSurvives([.. code]);
        Assert.True(code.Select(i => i.Opcode).Distinct().Count() > 120);
    }

    [Fact]
    public void Conformance_programs_survive_both_syntaxes()
    {
        if (ConformanceVector.Folder is null) return;
        foreach (string path in Directory.GetFiles(ConformanceVector.Folder, "*.data"))
        {
            ConformanceVector vector = ConformanceVector.Read(Path.GetFileNameWithoutExtension(path));
            AssertSurvives(vector.Program);
            if (vector.Raw is { } raw) Assert.Equal(raw, vector.Program);
        }
    }

    [Theory]
    [InlineData("filter.o")]
    [InlineData("chain.o")]
    public void Programs_of_objects_survive_both_syntaxes(string name)
    {
        foreach (EbpfProgram program in ObjectFile.Parse(ObjectTests.Bytes(name)).Programs) AssertSurvives(program.Instructions.ToArray());
    }

    [Fact]
    public void Text_of_objdump_is_read()
    {
        Instruction[] code = CSyntaxAssembler.Assemble("""
            0000000000000178 <walking>:
                  47:	b7 01 00 00 00 00 00 00	r1 = 0
                  48:	7b 1a f8 ff 00 00 00 00	*(u64 *)(r10 - 8) = r1
            00000000000001a0 <LBB6_1>:
                  52:	27 01 00 00 0a 00 00 00	r1 *= 10
                  58:	18 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00	r1 = 0 ll
                  61:	85 00 00 00 02 00 00 00	call 2
                  65:	a5 01 fa ff 06 00 00 00	if r1 < 6 goto -6 <LBB6_1>
                  94:	24 06 00 00 64 00 00 00	w6 *= 100
                  97:	0c 70 00 00 00 00 00 00	w0 += w7
                  98:	95 00 00 00 00 00 00 00	exit
            """);
        ulong[] expected =
        [
            0x0000_0000_0000_01b7, 0x0000_0000_fff8_1a7b, 0x0000_000a_0000_0127, 0x0000_0000_0000_0118, 0, 0x0000_0002_0000_0085,
            0x0000_0006_fffa_01a5, 0x0000_0064_0000_0624, 0x0000_0000_0000_700c, 0x95,
        ];
        Assert.Equal(expected, code.Select(i => i.Bits));
    }

    [Fact]
    public void Text_of_bpftool_is_read()
    {
        Instruction[] code = CSyntaxAssembler.Assemble("""
            int filter(struct xdp_md * ctx):
            ; u32 zero = 0;
               0: (b7) r2 = 0
               1: (63) *(u32 *)(r10 -4) = r2
               2: (61) r6 = *(u32 *)(r1 +0)
               3: (18) r1 = map[id:5]
               5: (85) call bpf_map_lookup_elem#1
               6: (15) if r0 == 0x0 goto pc+2
               7: (db) lock *(u64 *)(r0 +0) += r6
               8: (05) goto pc+0
               9: (95) exit
            """.Replace("int filter(struct xdp_md * ctx):", "filter:", StringComparison.Ordinal));
        Assert.Equal(11 - 1, code.Length);
        Assert.Equal(0x0000_0000_fffc_2a63ul, code[1].Bits);
        Assert.Equal((int)PseudoSource.Map, code[3].Source);
        Assert.Equal(5, code[3].Immediate);
        Assert.Equal(1, code[5].Immediate);
        Assert.Equal(2, code[6].Offset);
    }

    [Fact]
    public void Labels_functions_and_names()
    {
        Instruction[] plain = PlainAssembler.Assemble("""
            start: mov %r1, 5       # a comment
            lddw %r2, function f
            call map_lookup_elem
            jeq %r0, 0, start
            call local f
            ja32 done
            f: exit
            done: exit
            """);
        Instruction[] c = CSyntaxAssembler.Assemble("""
            start: r1 = 5           // a comment
            r2 = function f ll
            call bpf_map_lookup_elem
            if r0 == 0 goto start
            call local f
            gotol done
            f: exit
            done: exit
            """);
        Assert.Equal(plain, c);
        Assert.Equal(5, plain[1].Immediate);
        Assert.Equal(-5, plain[4].Offset);
        Assert.Equal(1, plain[5].Immediate);
    }

    [Theory]
    [InlineData("mov %r0", 1, "','")]
    [InlineData("\nmov %r11, 1", 2, "no register r11")]
    [InlineData("frob %r0, 1", 1, "no instruction 'frob'")]
    [InlineData("mov %r0, 0x100000000", 1, "32 bits")]
    [InlineData("ja nowhere", 1, "no label nowhere")]
    [InlineData("a: exit\na: exit", 2, "bound twice")]
    [InlineData("ldxw %r0, [%r1+40000]", 1, "16 bits")]
    [InlineData("exit exit", 1, "too much")]
    [InlineData("call nonsense", 1, "no helper 'nonsense'")]
    [InlineData("ldxq %r0, [%r1]", 1, "no instruction")]
    public void Plain_text_that_is_no_program(string text, int line, string message)
    {
        var error = Assert.Throws<AssemblyException>(() => PlainAssembler.Assemble(text));
        Assert.Equal(line, error.Line);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("r0 = w1", "32 and of 64 bits")]
    [InlineData("r11 = 1", "no register 11")]
    [InlineData("r0 = -r1", "its own negative")]
    [InlineData("r0 = 0x100000000", "'ll' is missing")]
    [InlineData("r0 = be16 r1", "within one register")]
    [InlineData("r0 s+= 1", "no operator 's+='")]
    [InlineData("if r0 ~ 1 goto +1", "no comparison")]
    [InlineData("r0 = *(u24 *)(r1 + 0)", "24 bits")]
    [InlineData("r1 = *(u8 *)skb[3]", "go to r0")]
    [InlineData("hello", "a register expected")]
    [InlineData("r0 = (s7)r1", "from 7 bits")]
    public void C_text_that_is_no_program(string text, string message)
    {
        var error = Assert.Throws<AssemblyException>(() => CSyntaxAssembler.Assemble("exit\n" + text));
        Assert.Equal(2, error.Line);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    private static void AssertSurvives(Instruction[] code)
    {
        Assert.Equal(code, PlainAssembler.Assemble(PlainDisassembler.Disassemble(code)));
        Assert.Equal(code, CSyntaxAssembler.Assemble(CSyntaxDisassembler.Disassemble(code)));
    }
}
