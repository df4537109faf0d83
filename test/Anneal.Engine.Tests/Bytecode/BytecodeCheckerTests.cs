using Anneal.Bytecode;
using Xunit;

namespace Anneal.Tests;

public sealed class BytecodeCheckerTests
{
    [Theory]
    [InlineData("slots=2 params=0 results=0 temps=2", "mov s2, s0\nret", 0, "slot 2 of 2")]
    [InlineData("slots=2 params=0 results=0 temps=2", "nop\nselect s0, s0, s1, s2\nret", 1, "slot 2 of 2")]
    [InlineData("slots=2 params=0 results=0 temps=2", "mov.far s0:s70000\nret", 0, "slot 70000")]
    [InlineData("slots=2 params=0 results=0 temps=2", "nop", 0, "past the end")]
    [InlineData("slots=2 params=0 results=0 temps=2", "ret\ncall 0, f0 (args 0)", 1, "past the end")]
    [InlineData("slots=2 params=0 results=0 temps=2", "L:\nbr.i32.eq s0, s1 -> L (live 0)", 0, "past the end")]
    [InlineData("slots=2 params=0 results=0 temps=2", "nop\nL:\nnop\nbr -> L (live 0)", 2, "no loop header")]
    [InlineData("slots=2 params=0 results=0 temps=2", "br -> L (live 3)\nL:\nret", 0, "3 live slots")]
    [InlineData("slots=2 params=0 results=0 temps=2", "loop 1:0\nret", 0, "loop 1 is loop 0")]
    [InlineData("slots=2 params=0 results=0 temps=2", "loop 0:3\nret", 0, "3 live slots")]
    [InlineData("slots=2 params=0 results=0 temps=2", "fuel 1:3\nret", 0, "3 live slots")]
    [InlineData("slots=2 params=0 results=0 temps=2", "fuel 0:2\nret", 0, "a charge of 0")]
    [InlineData("slots=2 params=0 results=0 temps=2", "nop\nfuel 2147483648:2\nret", 1, "a charge of 2147483648")]
    [InlineData("slots=2 params=0 results=0 temps=1", "const s1, 1\nfuel.bytes s0, s1\nmov s0, s1\nret", 3, "temporary 1")]
    [InlineData("slots=2 params=0 results=0 temps=2", "call 1, f0 (args 2)\nret", 0, "arguments in slots 1 to 3")]
    [InlineData("slots=2 params=0 results=0 temps=2", "call.indirect s0, 2, 0, t0 (args 1)\nret", 0, "arguments in slots 2 to 3")]
    [InlineData("slots=2 params=0 results=0 temps=2", "trap 99", 0, "no trap kind 99")]
    [InlineData("slots=2 params=0 results=0 temps=2", "nop\ni32.load s0, s1, m0.guarded, +4294967296\nret", 1, "offset 4294967296")]
    [InlineData("slots=2 params=3 results=0 temps=3", "ret", -1, "parameter slots")]
    [InlineData("slots=2 params=0 results=3 temps=2", "ret", -1, "result slots")]
    [InlineData("slots=2 params=1 results=0 temps=0", "ret", -1, "parameter slots")]
    [InlineData("slots=0 params=0 results=0 temps=0", "", -1, "no instructions")]
    [InlineData("slots=3 params=1 results=0 temps=1", "mov s1, s0\nmov s0, s1\nmov s0, s1\nret", 2, "temporary 1")]
    [InlineData("slots=3 params=1 results=0 temps=1", "mov s0, s1\nret", 0, "temporary 1")]
    [InlineData("slots=3 params=1 results=0 temps=1", "const s1, 1\ni32.mul s0, s1, s1\nret", 2, "temporary 1")]
    [InlineData("slots=3 params=1 results=0 temps=1", "const s2, 1\nbr -> L (live 2)\nL:\nmov s0, s2\nret", 4, "temporary 2")]
    [InlineData("slots=3 params=1 results=0 temps=1", "const s1, 1\nloop 0:1\nmov s0, s1\nret", 4, "temporary 1")]
    [InlineData("slots=3 params=1 results=0 temps=1", "call 1, f0 (args 1)\nret", 0, "temporary 1")]
    [InlineData("slots=3 params=0 results=0 temps=3", "memory.fill s0, s1, s2, #0\nret", 0, "progress")]
    [InlineData("slots=3 params=0 results=0 temps=0", "const s0, 1\nconst s1, 1\nmemory.copy s0, s1, s1, 0:0\nret", 4, "progress")]
    public void Refuses_a_body_that_breaks_a_rule(string header, string code, int pc, string reason)
    {
        var refusal = Assert.Throws<InvalidBytecodeException>(() => BytecodeChecker.Check(BytecodeText.Parse($"function {header}\n{code}")));
        Assert.Contains(reason, refusal.Message);
        Assert.Equal(pc, refusal.Pc);
    }

    [Theory]
    [InlineData("call f0", "call 0, f0 (args 0)", "direct call of imported function 0")]
    [InlineData("call f2", "call 0, f2 (args 0)", "function 2 of 2")]
    [InlineData("import f1", "call.import 0, f1 (args 0)", "imported function 1 of 1")]
    [InlineData("site", "call 0, f1 (args 0, site 0)", "site 0 of 0")]
    [InlineData("memory", "i32.load s0, s0, m1.checked, +0", "memory 1 of 1")]
    [InlineData("memory.size", "memory.size s0, 1", "memory 1 of 1")]
    [InlineData("table", "table.get s0, s0, 1", "table 1 of 1")]
    [InlineData("indirect", "call.indirect s0, 0, 1, t0 (args 0)", "table 1 of 1")]
    [InlineData("global", "global.get s0, #1", "global 1 of 1")]
    [InlineData("data", "data.drop #1", "data segment 1 of 1")]
    [InlineData("elem", "elem.drop #1", "element segment 1 of 1")]
    [InlineData("ref", "ref.func s0, #2", "function 2 of 2")]
    public void Refuses_names_of_things_that_the_unit_lacks(string what, string code, string reason)
    {
        _ = what;
        FunctionBody body = BytecodeText.Parse($"function slots=2 params=0 results=0 temps=2\n{code}\nret");
        BytecodeChecker.Check(body);
        var counts = TestCodeUnit.Counts(1, imported: 1, globals: 1, memories: 1, tables: 1, data: 1, elements: 1);
        var refusal = Assert.Throws<InvalidBytecodeException>(() => BytecodeChecker.Check(body, counts));
        Assert.Contains(reason, refusal.Message);
    }

    [Theory]
    [InlineData(new ulong[] { 0xffff, (ulong)Op.Ret }, 0, "no op")]
    [InlineData(new ulong[] { (ulong)Op.Const }, 0, "cut off")]
    [InlineData(new ulong[] { (ulong)Op.BrTable | (0xffffUL << 32), 0, 0 }, 0, "cut off")]
    [InlineData(new ulong[] { (ulong)Op.Br, 1 }, 0, "branch to 1")]
    [InlineData(new ulong[] { (ulong)Op.Br, 2 }, 0, "branch to 2")]
    [InlineData(new ulong[] { (ulong)Op.Br, 0xffffffff }, 0, "branch to 4294967295")]
    [InlineData(new ulong[] { (ulong)Op.Br, 2 | (1UL << 60), (ulong)Op.Ret }, 0, "stray bits")]
    [InlineData(new ulong[] { (ulong)Op.RefFunc, 1UL << 32, (ulong)Op.Ret }, 0, "beyond 32 bits")]
    public void Refuses_words_that_are_no_instructions(ulong[] words, int pc, string reason)
    {
        var body = new FunctionBody { Code = words, SlotCount = 1, ParameterSlots = 0, ResultSlots = 0, TemporaryBase = 1, LoopCount = 0, Sources = SourceMap.Empty };
        var refusal = Assert.Throws<InvalidBytecodeException>(() => BytecodeChecker.Check(body));
        Assert.Contains(reason, refusal.Message);
        Assert.Equal(pc, refusal.Pc);
        Assert.NotEmpty(BytecodeText.Print(body)); // a dump of it must still be possible
    }

    [Fact]
    public void Accepts_temporaries_written_again_and_results_of_calls()
    {
        BytecodeChecker.Check(BytecodeText.Parse("""
            function slots=4 params=1 results=1 temps=1
            const s1, 1
            i32.add s1, s1, s0
            i32.add s1, s1, s0
            const s2, 5
            call 2, f0 (args 1)
            i32.add s0, s1, s2
            br.i32.eq.k s0, 1 -> L (live 1)
            const s1, 2
            mov s0, s1
            L:
            ret
            """));
    }
}
