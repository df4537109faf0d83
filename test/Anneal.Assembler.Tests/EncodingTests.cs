// Every emitter method with random operands, read back by an independent disassembler. The seed is printed and can be given
// through ANNEAL_FUZZ_SEED; ANNEAL_FUZZ_SCALE multiplies the number of draws.

using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Iced.Intel;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Assembler.Tests;

public sealed unsafe partial class EncodingTests(ITestOutputHelper output)
{
    private const int DrawsPerForm = 500;
    private const long Origin = 0x7F00_0000_0000;

    private static readonly MethodInfo[] s_methods = typeof(X64Assembler)
        .GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(method => !method.IsSpecialName)
        .ToArray();

    [Fact]
    public void Every_emitter_method_has_a_row_and_every_row_a_method()
    {
        Assert.Equal(Forms.All.Keys.Order(), s_methods.Select(KeyOf).Order());
    }

    [Fact]
    public void Every_row_shows_every_argument()
    {
        foreach (MethodInfo method in s_methods)
        {
            string text = Forms.All[KeyOf(method)];
            if (text == "special")
                continue;
            foreach (ParameterInfo parameter in method.GetParameters())
            {
                if (parameter.ParameterType == typeof(Size) || parameter.ParameterType == typeof(VectorLength))
                    continue;
                Assert.Contains($"{{{parameter.Position}:", text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void What_is_emitted_disassembles_to_what_was_meant()
    {
        string? given = Environment.GetEnvironmentVariable("ANNEAL_FUZZ_SEED");
        int seed = given == null ? Random.Shared.Next() : int.Parse(given, CultureInfo.InvariantCulture);
        int scale = int.Parse(Environment.GetEnvironmentVariable("ANNEAL_FUZZ_SCALE") ?? "1", CultureInfo.InvariantCulture);
        output.WriteLine($"ANNEAL_FUZZ_SEED={seed}");
        var failures = new List<string>();
        int drawn = 0;
        using var code = new CodeBuffer();
        foreach (MethodInfo method in s_methods.OrderBy(KeyOf))
        {
            var random = new Random(seed);
            string text = Forms.All[KeyOf(method)];
            if (text == "special")
                continue; // checked by the tests of their own
            int failed = 0;
            for (int i = 0; i < DrawsPerForm * scale && failed < 3; i++, drawn++)
            {
                if (Check(code, method, text, random) is not { } failure)
                    continue;
                failures.Add($"{KeyOf(method)}: {failure}");
                failed++;
            }
        }
        output.WriteLine($"{drawn} instructions of {s_methods.Length} forms");
        Assert.True(failures.Count == 0, $"seed {seed}\n" + string.Join('\n', failures.Take(60)));
        Assert.True(drawn >= 200_000, $"only {drawn} draws");
    }

    private static string? Check(CodeBuffer code, MethodInfo method, string form, Random random)
    {
        int bar = form.IndexOf('|', StringComparison.Ordinal);
        string sizes = bar < 0 ? "bwdq" : form[..bar];
        string text = form[(bar + 1)..];
        var formats = Placeholder().Matches(text).ToDictionary(IndexIn, m => m.Groups[2].Value);

        code.Reset();
        var assembler = new X64Assembler(code);
        Label backward = code.NewLabel(), forward = code.NewLabel();
        code.Bind(backward);
        assembler.Nop(random.Next(4) == 0 ? random.Next(120, 130) : random.Next(300));
        var draw = new Draw(random, code, sizes) { Backward = backward, Forward = forward, Origin = Origin };
        Drawn[] arguments = method.GetParameters()
            .Select(p => draw.Of(p.ParameterType, formats.GetValueOrDefault(p.Position, "")))
            .ToArray();
        int start = code.Position;
        method.Invoke(assembler, arguments.Select(a => a.Value).ToArray());
        int end = code.Position;
        assembler.Nop(random.Next(300));
        code.Bind(forward);
        draw.ForwardOffset = code.Position;

        byte[] bytes = Place(code);
        string expected = Placeholder().Replace(text, m => arguments[IndexIn(m)].Show(m.Groups[2].Value));
        return Compare(bytes, start, end, expected, arguments);
    }

    private static int IndexIn(Match placeholder) => int.Parse(placeholder.Groups[1].Value, CultureInfo.InvariantCulture);

    private static byte[] Place(CodeBuffer code)
    {
        byte[] bytes = new byte[code.Position];
        fixed (byte* writable = bytes)
            code.CopyTo(writable, (byte*)Origin);
        return bytes;
    }

    private static string? Compare(byte[] bytes, int start, int end, string expected, Drawn[] arguments)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes, start, bytes.Length - start), (ulong)(Origin + start));
        decoder.Decode(out Instruction instruction);
        string hex = Convert.ToHexString(bytes.AsSpan(start, end - start));
        if (instruction.IsInvalid)
            return $"{hex} is invalid, expected {expected}";
        string actual = Disassembly.TextOf(in instruction, Origin);
        if (actual != expected)
            return $"{hex} is {actual}, expected {expected}";
        if (instruction.Length != end - start)
            return $"{hex} is {instruction.Length} bytes, {end - start} were written: {expected}";
        int displacementBytes = Math.Max(-1, arguments.Select(a => a.DisplacementBytes).DefaultIfEmpty(-1).Max());
        if (displacementBytes >= 0 && Math.Min(instruction.MemoryDisplSize, 4) != displacementBytes)
            return $"{hex} has a displacement of {instruction.MemoryDisplSize} bytes, expected {displacementBytes}: {expected}";
        // Iced's encoder adds no prefix that isn't needed: ours must not either.
        var writer = new Bytes();
        Encoder.Create(64, writer).Encode(in instruction, instruction.IP);
        return writer.Written.Count == end - start
            ? null
            : $"{hex} could be {Convert.ToHexString(writer.Written.ToArray())}: {expected}";
    }

    private sealed class Bytes : CodeWriter
    {
        public List<byte> Written { get; } = [];

        public override void WriteByte(byte value) => Written.Add(value);
    }

    private static string KeyOf(MethodInfo method) =>
        $"{method.Name}({string.Join(',', method.GetParameters().Select(p => p.ParameterType.Name))})";

    [GeneratedRegex(@"\{(\d):([^}]+)\}")]
    private static partial Regex Placeholder();
}
