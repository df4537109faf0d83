// Printing: conversions, texts that values point to, and that no address gets out.

using System.Globalization;
using System.Text;
using Anneal.Ebpf.Assembly;
using Anneal.Ebpf.Tests.Verification;
using Xunit;

namespace Anneal.Ebpf.Tests.Running;

public sealed class TextTests
{
    private static readonly MapDefinition Values = new() { Name = "values", Type = MapType.Array, KeySize = 4, ValueSize = 32, MaxEntries = 1 };

    [Theory]
    [InlineData("%d", -5, "-5")]
    [InlineData("%i|", 7, "7|")]
    [InlineData("%u", -1, "4294967295")]
    [InlineData("%lu", -1, "18446744073709551615")]
    [InlineData("%lld", -1, "-1")]
    [InlineData("%x", 0xABC, "abc")]
    [InlineData("%lX", 0xABCD_0123_4567, "ABCD01234567")]
    [InlineData("%08x", 0xAB, "000000ab")]
    [InlineData("%8d|", -42, "     -42|")]
    [InlineData("%-8d|", -42, "-42     |")]
    [InlineData("%08d", -42, "-0000042")]
    [InlineData("%+d", 42, "+42")]
    [InlineData("% d", 42, " 42")]
    [InlineData("%c%%", 'z', "z%")]
    [InlineData("%px", 0x1234, "0000000000001234")]
    [InlineData("%pI4 to %pI4", 0, "0.0.0.0 to 0.0.0.0")]
    [InlineData("%pi4", 0, "000.000.000.000")]
    [InlineData("%pI6", 0, "0000:0000:0000:0000:0000:0000:0000:0000")]
    [InlineData("%pi6", 0, "00000000000000000000000000000000")]
    [InlineData("[%s]", 0, "[]")]
    [InlineData("[%6s]", 4096, "[      ]")]
    [InlineData("plain", 0, "plain")]
    [InlineData("%", 0, null)]
    [InlineData("%sx", 0, null)]
    [InlineData("%pz", 0, null)]
    [InlineData("%f", 0, null)]
    [InlineData("%*d", 0, null)]
    [InlineData("%9999d", 0, null)]
    [InlineData("%d %d %d %d", 0, null)]
    [InlineData("\u00e4", 0, null)]
    public void Conversions(string format, long value, string? expected)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(format + "\0");
        string text = string.Create(CultureInfo.InvariantCulture, $"lddw %r1, value 0+0\nmov %r2, {bytes.Length}\nlddw %r3, 0x{value:x}\nmov %r4, %r3\nmov %r5, %r3\ncall 6\nexit");
        EachWay.Run(ProgramTypes.Tracing, text, [EachWay.Constants(bytes)], (program, lines) =>
        {
            long result = (long)program.Run(default);
            if (expected is null)
            {
                Assert.Equal(-22, result);
                Assert.Empty(lines);
                return;
            }

            Assert.Equal([expected], lines);
            Assert.Equal(expected.Length, result);
        });
    }

    [Fact]
    public void The_kernel_formats_alike()
    {
        if (KernelVerifier.Unavailable() is not null) return;
        string[] formats =
        [
            "%d", "%5u|", "%-7lld|", "%07d", "%+d % d", "%lx %X", "%c.", "%pI4", "%pi4", "%pI6", "%pi6", "%pI6c", "[%s]", "[%9s]", "[%-9s]", "%%", "%s,%d", "%pks", "%s",
        ];
        foreach (string format in formats)
        {
            byte[] bytes = Encoding.ASCII.GetBytes(format + "\0");
            // Texts and addresses are at r10-48; its address is given where the format follows it.
            bool follows = format.Contains('s', StringComparison.Ordinal) || format.Contains('I', StringComparison.Ordinal) || format.Contains("pi", StringComparison.Ordinal);
            const string Pointer = "mov %r2, %r10\nadd %r2, -48\nstxdw [%r10-16], %r2\n";
            const string Number = "stdw [%r10-16], -77\n";
            string text = $"""
                ldxw %r6, [%r1+0]
                ldxw %r7, [%r1+4]
                mov %r2, %r6
                add %r2, 64
                jgt %r2, %r7, out
                lddw %r2, 0x00636261ff030201
                stxdw [%r10-48], %r2
                stxdw [%r10-40], %r2
                {(follows ? Pointer : Number)}
                {(follows && format.Count(c => c == '%') > 1 && !format.Contains(",%d", StringComparison.Ordinal) ? Pointer.Replace("-16]", "-8]", StringComparison.Ordinal) : "stdw [%r10-8], 99")}
                mov %r1, %r10
                add %r1, -128
                {string.Concat(Enumerable.Range(0, 8).Select(i => $"stdw [%r1+{i * 8}], 0\n"))}
                mov %r2, 64
                lddw %r3, value 0+0
                mov %r4, %r10
                add %r4, -16
                mov %r5, 16
                call 165
                {string.Concat(Enumerable.Range(0, 8).Select(i => $"ldxdw %r1, [%r10-{128 - (i * 8)}]\nstxdw [%r6+{i * 8}], %r1\n"))}
                exit
                out: mov %r0, 0
                exit
                """;
            var program = new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text), [EachWay.Constants(bytes)]);
            byte[] packet = new byte[64];
            using var kernel = new KernelVerifier(program.Maps);
            uint result = kernel.Run(program, packet, out byte[] output);
            EachWay.Run(ProgramTypes.Xdp, text, program.Maps, (loaded, _) =>
            {
                byte[] own = new byte[64];
                Assert.Equal(result, (uint)loaded.Run(own));
                Assert.Equal(Shown(output), Shown(own));
            });

            string Shown(byte[] all) => format + ": " + Encoding.Latin1.GetString(all).TrimEnd('\0');
        }
    }

    [Fact]
    public void Texts_of_the_program_are_followed()
    {
        // A map's value, the constants, the stack, and a precision.
        byte[] constants = "%s %s %s %.2s\0constant\0"u8.ToArray();
        const string Text = """
            mov %r2, 0x00746961
            lddw %r1, value 1+4
            stxw [%r1], %r2
            stdw [%r10-8], 0x6f6c6c65
            stdw [%r10-16], 0
            stxdw [%r10-48], %r1
            lddw %r2, value 0+14
            stxdw [%r10-40], %r2
            mov %r2, %r10
            add %r2, -8
            stxdw [%r10-32], %r2
            stxdw [%r10-24], %r2
            lddw %r1, value 0+0
            mov %r2, 14
            mov %r3, %r10
            add %r3, -48
            mov %r4, 32
            call 177
            exit
            """;
        EachWay.Run(ProgramTypes.Tracing, Text, [EachWay.Constants(constants), Values], (program, lines) =>
        {
            Assert.Equal(20u, program.Run(default));
            Assert.Equal(["ait constant ello el"], lines);
        });
        // The usual way: the name of the process, through registers.
        const string Name = "mov %r1, %r10\nadd %r1, -16\nmov %r2, 16\ncall 16\nlddw %r1, value 0+0\nmov %r2, 3\nmov %r3, %r10\nadd %r3, -16\ncall 6\nexit";
        EachWay.Run(ProgramTypes.Tracing, Name, [EachWay.Constants("%s\0"u8)], (program, lines) =>
        {
            Assert.True((long)program.Run(default) > 0);
            Assert.Equal([Path.GetFileName(Environment.ProcessPath!)[..Math.Min(15, Path.GetFileName(Environment.ProcessPath!).Length)]], lines);
        });
    }

    [Fact]
    public void A_text_ends_where_its_memory_does()
    {
        // Eight bytes without an end, then a stored pointer; the caller's stack from a callee, the packet from its end.
        const string Stack = "lddw %r2, 0x4141414141414141\nstxdw [%r10-16], %r2\nstxdw [%r10-8], %r1\nlddw %r1, value 0+0\nmov %r2, 5\nmov %r3, %r10\nadd %r3, -16\ncall 6\nldxdw %r1, [%r10-8]\nexit";
        EachWay.Run(ProgramTypes.Tracing, Stack, [EachWay.Constants("[%s]\0"u8)], (program, lines) =>
        {
            program.Run(default);
            Assert.Equal(["[]"], lines);
        }, SafetyMode.Verified);
        const string Packet = "ldxw %r3, [%r1+0]\nlddw %r1, value 0+0\nmov %r2, 5\ncall 6\nexit";
        EachWay.Run(ProgramTypes.Xdp, Packet, [EachWay.Constants("[%s]\0"u8)], (program, lines) =>
        {
            program.Run("text\0"u8.ToArray());
            program.Run("text"u8.ToArray());
            Assert.Equal(["[text]", "[]"], lines);
        });
        const string Caller = "stdw [%r10-8], 0x636261\nmov %r1, %r10\nadd %r1, -8\ncall local f\nexit\nf: mov %r3, %r1\nlddw %r1, value 0+0\nmov %r2, 5\ncall 6\nexit";
        EachWay.Run(ProgramTypes.Xdp, Caller, [EachWay.Constants("[%s]\0"u8)], (program, lines) =>
        {
            program.Run(new byte[1]);
            Assert.Equal(["[abc]"], lines);
        });
    }

    [Theory]
    [InlineData("%d", "value 1 of trace_printk is a pointer (stack - 8), and the format prints it as a number")]
    [InlineData("%lx", "and the format prints it as a number")]
    [InlineData("%p", "and the format prints it as a number")]
    [InlineData("%px", "and the format prints it as a number")]
    [InlineData("%pB", "and the format prints it as a number")]
    [InlineData("%s", null)]
    [InlineData("%pI4", null)]
    [InlineData("none", null)]
    [InlineData("%s %d", "r4, which the format of trace_printk names, isn't initialized")]
    public void Pointers_in_registers(string format, string? reason)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(format + "\0");
        string text = string.Create(CultureInfo.InvariantCulture, $"stdw [%r10-8], 0\nmov %r3, %r10\nadd %r3, -8\nlddw %r1, value 0+0\nmov %r2, {bytes.Length}\ncall 6\nexit");
        Decide(text, [EachWay.Constants(bytes)], reason);
        if (reason is null || format.Contains('s', StringComparison.Ordinal)) return;
        // Where leaks are allowed, it's printed.
        Decide(text, [EachWay.Constants(bytes)], null, leaks: true);
    }

    [Theory]
    [InlineData("%s %d", "stxdw [%r10-16], %r10\nstdw [%r10-8], 1", "points outside of the frame's stack")]
    [InlineData("%s %d", "stxdw [%r10-16], %r1\nstdw [%r10-8], 1", null)]
    [InlineData("%d %s", "stxdw [%r10-16], %r1\nstdw [%r10-8], 1", "value 1 of snprintf is a pointer (context), and the format prints it as a number")]
    [InlineData("%d", "stdw [%r10-16], 1\nstxdw [%r10-8], %r1", "with a stored pointer at offset -8")]
    [InlineData("%s %s %s", "stdw [%r10-16], 1\nstdw [%r10-8], 1", "the format of snprintf names 3 values, and there are 2")]
    [InlineData("%y", "stdw [%r10-16], 1\nstdw [%r10-8], 1", "the format of snprintf isn't one")]
    [InlineData("%s", "stdw [%r10-8], 1", "stack byte -16, which wasn't written")]
    public void Pointers_in_memory(string format, string store, string? reason)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(format + "\0");
        string text = $"{store}\nmov %r1, 0\nmov %r2, 0\nlddw %r3, value 0+0\nmov %r4, %r10\nadd %r4, -16\nmov %r5, 16\ncall 165\nexit";
        Decide(text, [EachWay.Constants(bytes)], reason);
    }

    [Fact]
    public void A_pointer_may_not_be_a_number_on_another_path()
    {
        const string Text = "stdw [%r10-8], 0\nmov %r3, 5\ncall 7\nmov %r3, 5\njeq %r0, 0, +2\nmov %r3, %r10\nadd %r3, -8\nlddw %r1, value 0+0\nmov %r2, 3\ncall 6\nexit";
        Decide(Text, [EachWay.Constants("%s\0"u8)], "is something else on another");
        Decide(Text.Replace("mov %r3, 5", "mov %r3, 0", StringComparison.Ordinal), [EachWay.Constants("%s\0"u8)], "is something else on another");
        // Pointers that needn't be to what they are of: a map, a value left behind, the packet's end.
        foreach (string other in new[] { "lddw %r3, map 0", "lddw %r3, value 0+0\nadd %r3, 100000", "ldxw %r3, [%r6+4]" })
        {
            string text = $"mov %r6, %r1\nstdw [%r10-8], 0\ncall 7\njeq %r0, 0, l\nmov %r3, %r10\nadd %r3, -8\nja m\nl: {other}\nm: lddw %r1, value 0+0\nmov %r2, 3\ncall 6\nexit";
            Decide(text, [EachWay.Constants("%s\0"u8)], "is something else on another");
        }
    }

    [Fact]
    public void Leftover_pointers_are_withheld_where_the_format_isnt_known()
    {
        // "%lx" on the stack; r3 is the context's address.
        const string Text = "mov %r3, %r1\nstdw [%r10-8], 0x786c25\nmov %r1, %r10\nadd %r1, -8\nmov %r2, 8\ncall 6\nexit";
        EachWay.Run(ProgramTypes.Xdp, Text, [], (program, lines) =>
        {
            Assert.Equal(-22, (long)program.Run(new byte[1]));
            Assert.Empty(lines);
        }, SafetyMode.Verified);
        EachWay.Run(ProgramTypes.Xdp, Text.Replace("mov %r3, %r1", "mov %r3, 5", StringComparison.Ordinal), [], (program, lines) =>
        {
            program.Run(new byte[1]);
            Assert.Equal(["5"], lines);
        });
    }

    private static void Decide(string text, System.Collections.Immutable.ImmutableArray<MapDefinition> maps, string? reason, bool leaks = false)
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var runtime = new EbpfRuntime(engine, new EbpfOptions { Verifier = VerifierOptions.Default with { AllowPointerLeaks = leaks } });
        var program = new EbpfProgram("p", ProgramTypes.Xdp, PlainAssembler.Assemble(text), maps);
        if (reason is null) runtime.Load(program).Run(new byte[1]);
        else Assert.Contains(reason, Assert.Throws<VerifierException>(() => runtime.Load(program)).Message, StringComparison.Ordinal);
    }
}
