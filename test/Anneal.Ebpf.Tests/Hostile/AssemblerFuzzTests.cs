// Text that is nearly a program, or none at all, for both assemblers: a program or an AssemblyException. And what the disassemblers
// print of random programs assembles to the same.
//
// ANNEAL_FUZZ_SEED and ANNEAL_FUZZ_PROGRAMS choose other texts and more of them.

using System.Text;
using Anneal.Ebpf.Assembly;
using Anneal.Ebpf.Tests.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Ebpf.Tests.Hostile;

public sealed class AssemblerFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Words =
    [
        "r0", "r1", "r10", "r11", "w3", "%r2", "%w1", "=", "+=", "s/=", "s>>=", "==", "s<", "*(u8 *)(", "*(u64 *)(", "*(s16 *)(", ")", "(", "[", "]", ",", ":", ";", "goto", "gotol", "if", "ll", "lock", "call",
        "exit", "mov", "add32", "ldxdw", "stxw", "lddw", "jeq", "ja32", "local", "function", "value", "map", "map[id:1]", "map[3]+4", "skb", "0", "-1", "0x", "0x7fffffff", "0xffffffffffffffff", "18446744073709551616", "99999999999999999999999",
        "+", "-", "bswap16", "be32", "le64", "(s8)", "cmpxchg_64", "atomic_fetch_add", "pc+1", "pc-1", "<L1>", "#", "//", "/*", "*/", "\t", "\n", "\n", "\n", "\r\n", "\0", "é", "\"", "{", "}",
    ];

    [Fact]
    public void Text_is_a_program_or_refused()
    {
        int seed = FuzzSettings.Seed(700_000), rounds = FuzzSettings.Programs(4_000);
        int assembled = 0, refused = 0;
        for (int n = seed; n < seed + rounds; n++)
        {
            var random = new Random(n);
            string text = random.Next(3) == 0 ? Random(random) : Damaged(random);
            foreach (Func<string, Instruction[]> assemble in new Func<string, Instruction[]>[] { PlainAssembler.Assemble, CSyntaxAssembler.Assemble })
            {
                try
                {
                    Instruction[] code = assemble(text);
                    assembled++;
                    _ = new EbpfProgram("text", ProgramTypes.Xdp, code, TestMaps.All);
                }
                catch (AssemblyException error)
                {
                    refused++;
                    Assert.InRange(error.Line, 1, Lines(text));
                }
                catch (InvalidEbpfProgramException)
                {
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"seed {n}:\n{text}", e);
                }
            }
        }

        output.WriteLine($"seeds {seed} to {seed + rounds - 1}: {assembled} texts assembled, {refused} refused");
        Assert.True(assembled * 50 > rounds && refused * 2 > rounds, "the test says little");
    }

    [Fact]
    public void Random_programs_survive_both_syntaxes()
    {
        int seed = FuzzSettings.Seed(800_000), rounds = FuzzSettings.Programs(1_000);
        for (int n = seed; n < seed + rounds; n++)
        {
            Instruction[] code = new RandomProgram(new Random(n)).Program().Instructions.ToArray();
            string plain = PlainDisassembler.Disassemble(code), c = CSyntaxDisassembler.Disassemble(code);
            Assert.True(code.AsSpan().SequenceEqual(PlainAssembler.Assemble(plain)), $"seed {n}:\n{plain}");
            Assert.True(code.AsSpan().SequenceEqual(CSyntaxAssembler.Assemble(c)), $"seed {n}:\n{c}");
        }
    }

    // There are more line ends than one.
    private static int Lines(string text)
    {
        int lines = 0;
        foreach (ReadOnlySpan<char> _ in text.AsSpan().EnumerateLines()) lines++;
        return lines;
    }

    private static string Random(Random random)
    {
        var text = new StringBuilder();
        for (int words = random.Next(1, 60); words > 0; words--) text.Append(Words[random.Next(Words.Length)]).Append(random.Next(3) == 0 ? "" : " ");
        return text.ToString();
    }

    // A program's text, with characters, words or lines that are gone, changed or in another place.
    private static string Damaged(Random random)
    {
        Instruction[] code = new RandomProgram(random).Program().Instructions.ToArray();
        var lines = (random.Next(2) == 0 ? PlainDisassembler.Disassemble(code) : CSyntaxDisassembler.Disassemble(code)).Split('\n').Take(random.Next(1, 40)).ToList();
        for (int n = random.Next(0, 4); n > 0 && lines.Count > 0; n--)
        {
            int at = random.Next(lines.Count);
            string line = lines[at];
            int column = random.Next(line.Length + 1);
            switch (random.Next(5))
            {
                case 0:
                    lines[at] = line[..column];
                    break;
                case 1:
                    lines[at] = line.Insert(column, Words[random.Next(Words.Length)]);
                    break;
                case 2:
                    lines[at] = line.Remove(column, Math.Min(random.Next(1, 5), line.Length - column));
                    break;
                case 3:
                    (lines[at], lines[0]) = (lines[0], line);
                    break;
                default:
                    lines[at] = line[..column] + (char)random.Next(1, 256) + line[column..];
                    break;
            }
        }

        return string.Join('\n', lines);
    }
}
