// Programs made to break the verifier itself: it must refuse or accept, in bounded time and memory, and nothing else.

using System.Globalization;
using System.Text;
using Anneal.Ebpf.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Ebpf.Tests.Verification;

public sealed class HostileProgramTests(ITestOutputHelper output)
{
    [Fact]
    public void Random_instructions_are_refused_or_accepted_and_nothing_else()
    {
        const int Seed = 4711, Programs = 60_000;
        ProgramType[] types = [ProgramTypes.Xdp, ProgramTypes.Classifier, ProgramTypes.SocketFilter, ProgramTypes.CgroupSkb, ProgramTypes.Tracing, ProgramTypes.Memory];
        byte[] opcodes = [.. Enumerable.Range(0, 256).Select(o => (byte)o).Where(o => (o & 7) != 0 || o is 0x18 or 0x20 or 0x28 or 0x30 or 0x40 or 0x48 or 0x50)];
        int[] helpers = [1, 2, 3, 5, 6, 7, 8, 12, 26, 28, 44, 105, 130, 131, 132, 133, 164, 165, 181, 189];
        int formed = 0, accepted = 0;
        for (int n = 0; n < Programs; n++)
        {
            var random = new Random(Seed + n);
            var code = new List<Instruction>();
            int length = random.Next(1, 14);
            while (code.Count < length)
            {
                int before = code.Count;
                Add(code, random, opcodes, helpers, length);
                if (InstructionRules.Fault(code[before]) is not null) code.RemoveRange(before, code.Count - before);
            }

            code.Add(new Instruction(0xB7, 0, 0, 0, random.Next(3)));
            code.Add(new Instruction(0x95, 0, 0, 0, 0));
            EbpfProgram program;
            try
            {
                program = new EbpfProgram("random", types[random.Next(types.Length)], code.ToArray(), TestMaps.All);
            }
            catch (InvalidEbpfProgramException)
            {
                continue;
            }

            formed++;
            try
            {
                new Verifier(VerifierOptions.Default with { InstructionBudget = 10_000, AllowPointerLeaks = random.Next(2) == 0 }).Verify(program, TestHelpers.Table);
                accepted++;
            }
            catch (VerifierException)
            {
            }
            catch (Exception broken)
            {
                throw new InvalidOperationException($"seed {Seed + n}", broken);
            }
        }

        output.WriteLine($"{formed} well formed, {accepted} accepted");
        Assert.True(formed > 10_000 && accepted > 300, $"{formed} well formed, {accepted} accepted: the test says little");
    }

    private static void Add(List<Instruction> code, Random random, byte[] opcodes, int[] helpers, int length)
    {
        byte opcode = opcodes[random.Next(opcodes.Length)];
        int destination = random.Next(11), source = random.Next(4) == 0 ? random.Next(11) : random.Next(2) == 0 ? 10 : 1;
        var shape = new Instruction(opcode, 0, 0, 0, 0);
        if (opcode == 0x18)
        {
            int kind = random.Next(3);
            code.Add(new Instruction(opcode, random.Next(10), kind, 0, kind == 0 ? random.Next() : random.Next(TestMaps.All.Length)));
            code.Add(new Instruction(0, 0, 0, 0, kind == 1 ? 0 : random.Next(0, 70)));
            return;
        }

        if (opcode == 0x85)
        {
            code.Add(random.Next(4) == 0
                ? new Instruction(opcode, 0, 1, 0, random.Next(-code.Count - 1, length - code.Count))
                : new Instruction(opcode, 0, 0, 0, helpers[random.Next(helpers.Length)]));
            return;
        }

        if (shape.IsAlu)
        {
            bool register = shape.UsesSourceRegister && shape.AluOperation != AluOperation.End;
            int immediate = shape.AluOperation == AluOperation.End ? 16 << random.Next(3) : register || shape.AluOperation == AluOperation.Neg ? 0 : RandomNumbers.Immediate(random);
            code.Add(new Instruction(opcode, random.Next(10), register ? source : 0, 0, immediate));
            return;
        }

        if (shape.IsJump)
        {
            code.Add(new Instruction(opcode, destination, shape.UsesSourceRegister ? source : 0, (short)random.Next(-code.Count, length - code.Count + 1), shape.UsesSourceRegister ? 0 : random.Next(-2, 5)));
            return;
        }

        bool atomic = shape.Class == InstructionClass.Stx && shape.Mode == AccessMode.Atomic;
        int[] operations = [0, 1, 0x40, 0x41, 0x50, 0xA1, 0xE1, 0xF1];
        int value = shape.Class is InstructionClass.St or InstructionClass.Ld ? random.Next(-5, 100) : atomic ? operations[random.Next(operations.Length)] : 0;
        short offset = (short)(shape.Class == InstructionClass.Ld ? 0 : random.Next(3) == 0 ? random.Next(-520, 30) : -8 * random.Next(-3, 5));
        if (shape.Class is InstructionClass.St or InstructionClass.Stx && random.Next(2) == 0) destination = 10;
        code.Add(new Instruction(opcode, shape.Class == InstructionClass.Ldx ? random.Next(10) : shape.Class == InstructionClass.Ld ? 0 : destination, shape.Class is InstructionClass.St ? 0 : source, offset, value));
    }

    [Fact]
    public void Very_many_branches_take_bounded_memory()
    {
        // Each branch leaves a path for later, with a full stack in each of its frames.
        var text = new StringBuilder();
        for (int i = 1; i <= 62; i++) text.Append(CultureInfo.InvariantCulture, $"*(u64 *)(r10 - {i * 8}) = {i}\n");
        text.Append("call 7\n");
        for (int i = 0; i < 20_000; i++) text.Append(CultureInfo.InvariantCulture, $"if r0 == {i} goto end\n");
        text.Append("end: r0 = *(u64 *)(r10 - 8); exit");
        EbpfProgram program = ProgramText.Assemble("test", ProgramTypes.Xdp, text.ToString());
        var refusal = Assert.Throws<VerifierException>(() => new Verifier(VerifierOptions.Default with { StateMemory = 32 << 20 }).Verify(program, TestHelpers.Table));
        Assert.Contains("too complex: the states of its paths take more than 32 MiB", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ways_that_double_at_each_branch_are_joined()
    {
        var text = new StringBuilder("r6 = 0; r7 = 0\n");
        for (int i = 0; i < 2_000; i++) text.Append(CultureInfo.InvariantCulture, $"call 7\nif r0 > 5 goto l{i}\nr6 += r0\nr7 ^= r6\nl{i}: r6 += 1\n");
        text.Append("r0 = r6; exit");
        EbpfProgram program = ProgramText.Assemble("test", ProgramTypes.Xdp, text.ToString().Replace("r0 = r6; exit", "r0 = 0; exit", StringComparison.Ordinal));
        Assert.InRange(new Verifier().Verify(program, TestHelpers.Table).Steps, 10_000, 100_000);
    }

    [Fact]
    public void Code_in_reverse_order_takes_linear_time()
    {
        const int Blocks = 200_000;
        var code = new List<Instruction> { new(0xB7, 6, 0, 0, 3), new(0x06, 0, 0, 0, Blocks + 1), new(0xBF, 0, 6, 0, 0), new(0x95, 0, 0, 0, 0) };
        code.Add(new Instruction(0x05, 0, 0, -3, 0));
        for (int i = 1; i < Blocks; i++) code.Add(new Instruction(0x05, 0, 0, -2, 0));
        var program = new EbpfProgram("test", ProgramTypes.Xdp, code.ToArray());
        Assert.Equal(Blocks + 4, new Verifier().Verify(program, TestHelpers.Table).Steps);
    }

    [Fact]
    public void The_largest_program_is_walked()
    {
        var code = new Instruction[EbpfProgram.MaxSlots - 1];
        for (int i = 0; i < code.Length - 1; i++) code[i] = new Instruction(0xB7, 0, 0, 0, i);
        code[^1] = new Instruction(0x95, 0, 0, 0, 0);
        var program = new EbpfProgram("test", ProgramTypes.Xdp, code);
        Assert.Equal(code.Length, new Verifier().Verify(program, TestHelpers.Table).Steps);
    }
}
