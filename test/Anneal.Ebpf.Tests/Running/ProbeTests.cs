// Reading at addresses that nobody has checked: what a run owns, and nothing else.

using System.Globalization;
using Anneal.Ebpf.Assembly;
using Xunit;

namespace Anneal.Ebpf.Tests.Running;

public sealed class ProbeTests
{
    private static readonly MapDefinition Values = new() { Name = "values", Type = MapType.Array, KeySize = 4, ValueSize = 16, MaxEntries = 1 };

    [Theory]
    [InlineData(4)]
    [InlineData(112)]
    [InlineData(113)]
    public void Memory_is_read(int helper)
    {
        Check("lddw %r3, value 0+0\nlddw %r1, 0x1122334455667788\nstxdw [%r3], %r1", 0x1122334455667788);
        Check("lddw %r1, 0x42\nstxdw [%r10-32], %r1\nmov %r3, %r10\nadd %r3, -32", 0x42);
        Check("ldxw %r3, [%r1+0]", 0x0807060504030201);
        Check("ldxw %r3, [%r1+0]\nadd %r3, 1", null);
        Check("ldxw %r3, [%r1+4]", null);
        Check("mov %r3, %r1\nadd %r3, 12", 0);
        Check("lddw %r3, value 0+12", null);
        Check("mov %r3, 0", null);
        Check("mov %r3, -8", null);
        Check("lddw %r3, 0xffff888000000000", null);
        Check("lddw %r3, map 0", null);

        void Check(string address, ulong? expected)
        {
            // What can't be read leaves zeros.
            string text = string.Create(CultureInfo.InvariantCulture, $"stdw [%r10-8], -1\n{address}\nmov %r1, %r10\nadd %r1, -8\nmov %r2, 8\ncall {helper}\nmov %r6, %r0\nldxdw %r0, [%r10-8]\njeq %r6, 0, +1\nxor %r0, %r6\nexit");
            EachWay.Run(ProgramTypes.Classifier, text.Replace("ldxw %r3, [%r1+0]", "ldxw %r3, [%r1+76]", StringComparison.Ordinal).Replace("ldxw %r3, [%r1+4]", "ldxw %r3, [%r1+80]", StringComparison.Ordinal), [Values], (program, _) =>
                Assert.Equal(expected ?? unchecked((ulong)-14), program.Run(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 })));
        }
    }

    [Theory]
    [InlineData(45)]
    [InlineData(114)]
    [InlineData(115)]
    public void Text_is_read(int helper)
    {
        Check("text\0more"u8, 8, 5, 0x0000_0074_7865_7425 & 0, "text");
        Check("text"u8, 4, 4, 0, "tex");
        Check("text"u8, 8, -14, 0, "");
        Check("\0"u8, 8, 1, 0, "");

        void Check(ReadOnlySpan<byte> packet, int size, long result, ulong seed, string expected)
        {
            byte[] bytes = packet.ToArray();
            string text = string.Create(CultureInfo.InvariantCulture, $"stdw [%r10-8], {seed}\nldxw %r3, [%r1+0]\nmov %r1, %r10\nadd %r1, -8\nmov %r2, {size}\ncall {helper}\n");
            EachWay.Run(ProgramTypes.Xdp, text + "exit", [], (program, _) => Assert.Equal((uint)result, (uint)program.Run(bytes)));
            EachWay.Run(ProgramTypes.Xdp, text + "ldxdw %r0, [%r10-8]\nexit", [], (program, _) =>
                Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(BitConverter.GetBytes(program.Run(bytes))).TrimEnd('\0')), SafetyMode.Sandboxed);
        }
    }

    [Fact]
    public void A_number_never_finds_the_stack()
    {
        // Where leaks are allowed, the program knows its stack's address: as a number it finds nothing, in spite of it.
        const string Text = "stdw [%r10-8], 7\nmov %r3, %r10\nadd %r3, -8\nsub %r4, %r4\nmov %r1, %r10\nadd %r1, -16\nmov %r2, 8\nNEG\ncall 113\nexit";
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Verifier = VerifierOptions.Default with { AllowPointerLeaks = true } });
        string pointer = Text.Replace("sub %r4, %r4\n", "", StringComparison.Ordinal).Replace("NEG\n", "", StringComparison.Ordinal);
        string number = Text.Replace("sub %r4, %r4\n", "", StringComparison.Ordinal).Replace("NEG", "neg %r3\nneg %r3", StringComparison.Ordinal);
        Assert.Equal(0u, runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(pointer))).Run(new byte[1]));
        Assert.Equal(-14, (long)runtime.Load(new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(number))).Run(new byte[1]));
    }

    [Theory]
    [InlineData("stxdw [%r10-24], %r1\nmov %r3, %r10\nadd %r3, -24", "with a stored pointer at offset -24")]
    [InlineData("mov %r3, %r10\nadd %r3, -24", "stack byte -24, which wasn't written")]
    [InlineData("stdw [%r10-8], 0\nmov %r3, %r10\nadd %r3, -4", "points to 4 bytes of stack, and 8 may be read")]
    [InlineData("mov %r3, %r10", "points outside of the frame's stack")]
    [InlineData("mov %r3, %r10\nadd %r3, -520", "points outside of the frame's stack")]
    public void Pointers_to_the_stack_are_to_data(string address, string reason)
    {
        string text = $"{address}\nmov %r1, %r10\nadd %r1, -16\nmov %r2, 8\ncall 113\nexit";
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var runtime = new EbpfRuntime(engine);
        var program = new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text));
        Assert.Contains(reason, Assert.Throws<VerifierException>(() => runtime.Load(program)).Message, StringComparison.Ordinal);
    }
}
