// What makes a program well formed, and what is read out of one.

using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Loading;

public sealed class ProgramTests
{
    [Theory]
    [InlineData("mov %r0, 0", 0, "falls out of the function's end")]
    [InlineData("ja +1\nexit", 0, "jump to slot 2")]
    [InlineData("ja -2\nexit", 0, "jump to slot -1")]
    [InlineData("ja32 +2147483647\nexit", 0, "jump to slot 2147483648")]
    [InlineData("ja +1\nlddw %r0, 1\nexit", 0, "middle of a 64-bit immediate")]
    [InlineData("call local +2147483647\nexit", 0, "call of slot")]
    [InlineData("call local -1\ncall local -3\nexit", 1, "call of slot -1")]
    [InlineData("call local +1\nlddw %r1, 7\nexit", 0, "call of slot 2")]
    [InlineData("jeq %r0, 0, +2\ncall local +1\nexit\nexit", 0, "outside of the function's 0..2")]
    [InlineData("call local +1\nja -2\nexit", 1, "outside of", true)]
    [InlineData("lddw %r1, map 1\nexit", 0, "map 1 of 1")]
    [InlineData("lddw %r1, map -1\nexit", 0, "map -1 of 1")]
    [InlineData("lddw %r1, function +9\nexit", 0, "call of slot 10")]
    [InlineData("mov %r10, 0\nexit", 0, "r10 can't be written")]
    [InlineData("ldxw %r10, [%r1]\nexit", 0, "r10 can't be written")]
    [InlineData("lock fetch add [%r1], %r10\nexit", 0, "r10 can't be written")]
    public void Text_that_assembles_but_is_no_program(string text, int slot, string message, bool isFine = false)
    {
        var map = new MapDefinition { Name = "m", Type = MapType.Array, KeySize = 4, ValueSize = 4, MaxEntries = 1 };
        Instruction[] code = PlainAssembler.Assemble(text);
        if (isFine)
        {
            // A jump back inside of the entry: the callee starts behind it.
            Assert.Equal(2, new EbpfProgram("p", ProgramTypes.Xdp, code, [map]).Subprograms.Length);
            return;
        }

        var refusal = Assert.Throws<InvalidEbpfProgramException>(() => new EbpfProgram("p", ProgramTypes.Xdp, code, [map]));
        Assert.Equal(slot, refusal.Slot);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x00ul, "opcode 0x00")]
    [InlineData(0xFFul, "opcode 0xff")]
    [InlineData(0x0B07ul, "register r11")]
    [InlineData(0xB00Ful, "register r11")]
    [InlineData(0x0000_0001_0000_000Ful, "isn't zero")]
    [InlineData(0x0000_0000_0002_003Ful, "offset 2 in an arithmetic")]
    [InlineData(0x0000_0000_0020_00BCul, "offset 32 in an arithmetic")]
    [InlineData(0x0000_0011_0000_00D4ul, "byte swap of 17 bits")]
    [InlineData(0x0000_0010_0000_00DFul, "opcode 0xdf")]
    [InlineData(0x0000_0000_0000_0099ul, "opcode 0x99")]
    [InlineData(0x0000_0000_0000_0086ul, "opcode 0x86")]
    [InlineData(0x0000_0001_0000_2085ul, "host function by type")]
    [InlineData(0x0000_0001_0000_3085ul, "call of kind 3")]
    [InlineData(0x0000_0000_0000_0038ul, "opcode 0x38")]
    [InlineData(0x0000_0002_0000_00DBul, "atomic operation 0x2")]
    [InlineData(0x0000_0000_0000_00CBul, "opcode 0xcb")]
    [InlineData(0x0000_0000_0000_3018ul, "kind 3")]
    [InlineData(0x0000_0000_0000_9018ul, "kind 9")]
    public void Bits_that_are_no_instruction(ulong bits, string message)
    {
        Instruction[] code = [Instruction.FromBits(bits), Instruction.FromBits(0), Instruction.FromBits(0x95)];
        if ((byte)bits != Opcodes.LoadImmediate64) code = [code[0], code[2]];
        Assert.Contains(message, Assert.Throws<InvalidEbpfProgramException>(() => new EbpfProgram("p", ProgramTypes.Xdp, code)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_of_half_an_instruction_and_none_at_all()
    {
        Assert.Throws<InvalidEbpfProgramException>(() => EbpfProgram.FromBytes("p", ProgramTypes.Xdp, new byte[12]));
        Assert.Throws<InvalidEbpfProgramException>(() => EbpfProgram.FromBytes("p", ProgramTypes.Xdp, []));
        Assert.Throws<InvalidEbpfProgramException>(() => new EbpfProgram("p", ProgramTypes.Xdp, [Instruction.FromBits(0x18)]));
        Assert.Throws<InvalidEbpfProgramException>(() => new EbpfProgram("p", ProgramTypes.Xdp, [Instruction.FromBits(0x18), Instruction.FromBits(0x95)]));
        Assert.Single(EbpfProgram.FromBytes("p", ProgramTypes.Xdp, [0x95, 0, 0, 0, 0, 0, 0, 0]).Subprograms);
    }

    [Fact]
    public void Random_bytes_are_refused_or_run_the_same_on_each_tier()
    {
        var random = new Random(42);
        int ran = 0;
        using var portable = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var baseline = new Engine(new EngineOptions { Tier = Tier.Baseline });
        var options = new EbpfOptions { Mode = SafetyMode.Sandboxed, InstructionLimit = 2000, Helpers = [] };
        using var first = new EbpfRuntime(portable, options);
        using var second = new EbpfRuntime(baseline, options);
        byte[] opcodes = [.. Enumerable.Range(0, 256).Select(value => (byte)value).Where(value => InstructionRules.Fault(new Instruction(value, 0, 0, 0, 0)) is null && value is not (0x85 or 0x8D or 0x95 or 0x18))];
        for (int round = 0; round < 3000; round++)
        {
            var code = new List<Instruction>();
            int length = random.Next(2, 40);
            while (code.Count < length)
            {
                int offset = random.Next(3) == 0 ? random.Next(-length, length) : 0;
                int immediate = random.Next(3) switch { 0 => 0, 1 => random.Next(-16, 64), _ => random.Next(int.MinValue, int.MaxValue) };
                var i = new Instruction(opcodes[random.Next(opcodes.Length)], random.Next(11), random.Next(11) * random.Next(2), (short)offset, immediate);
                if (InstructionRules.Fault(i) is null) code.Add(i);
            }

            code.Add(Instruction.FromBits(0x95));
            EbpfProgram program;
            try
            {
                program = new EbpfProgram("p", ProgramTypes.SocketFilter, code.ToArray());
            }
            catch (InvalidEbpfProgramException)
            {
                continue;
            }

            ran++;
            Assert.Equal(Outcome(first, program), Outcome(second, program));
        }

        Assert.True(ran > 300, $"{ran} ran");
    }

    [Theory]
    [InlineData("xdp", "xdp")]
    [InlineData("xdp/devmap", "xdp")]
    [InlineData("xdp.frags", "xdp")]
    [InlineData("tc", "sched_cls")]
    [InlineData("classifier/ingress", "sched_cls")]
    [InlineData("?socket", "socket")]
    [InlineData("cgroup_skb/egress", "cgroup_skb")]
    [InlineData("tracepoint/syscalls/sys_enter_open", "tracing")]
    [InlineData("xdpx", null)]
    [InlineData("struct_ops", null)]
    public void Sections_say_the_type(string section, string? type) => Assert.Equal(type, ProgramTypes.OfSection(section)?.Name);

    private static string Outcome(EbpfRuntime runtime, EbpfProgram program)
    {
        LoadedProgram loaded = runtime.Load(program);
        byte[] packet = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        try
        {
            ulong result = loaded.Run(packet);
            return $"{result:x} {Convert.ToHexString(packet)}";
        }
        catch (TrapException trap)
        {
            return $"{trap.Kind} at {trap.Frames[0].GuestOffset} {Convert.ToHexString(packet)}";
        }
    }
}
