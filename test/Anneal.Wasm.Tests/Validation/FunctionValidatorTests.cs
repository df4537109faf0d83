using Anneal.Wasm.Binary;
using Anneal.Wasm.Tests.Binary;
using Xunit;
using static Anneal.Wasm.Tests.Binary.ModuleBytes;

namespace Anneal.Wasm.Tests.Validation;

public sealed class FunctionValidatorTests
{
    private const byte I32 = 0x7F;
    private const byte I64 = 0x7E;

    private static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    // [i32 i64] -> [i32], so that locals 0 and 1 are there. With and without a tail of nops: close to the function's end
    // the general path does all the work, further from it the fast ones do.
    private static IEnumerable<byte[]> Bodies(string body)
    {
        yield return Function([I32, I64], [I32], Hex(body));
        yield return Function([I32, I64], [I32], [.. Hex(body), .. Enumerable.Repeat((byte)0x01, 16)]);
    }

    [Theory]
    [InlineData("20 00")]
    [InlineData("20 01 A7")]
    [InlineData("41 FF FF FF FF 07 20 00 6A")]
    [InlineData("42 80 80 80 80 80 80 80 80 80 7F A7")]
    [InlineData("00")]
    [InlineData("00 6A 45")]
    [InlineData("41 00 28 02 00")]
    [InlineData("41 00 28 02 FF FF FF FF 0F")]
    [InlineData("41 00 41 00 36 40 00 00 41 00")]
    [InlineData("02 7F 41 01 0B")]
    [InlineData("03 7F 41 01 0B")]
    [InlineData("41 01 04 7F 41 02 05 41 03 0B")]
    [InlineData("02 40 0C 00 0B 41 00")]
    [InlineData("02 7F 41 00 41 01 0D 00 0B")]
    [InlineData("02 7F 41 00 41 01 0E 02 00 01 00 0B")]
    [InlineData("41 00 0F")]
    [InlineData("20 00 20 01 10 00")]
    [InlineData("20 00 20 01 12 00")]
    [InlineData("20 00 20 01 41 00 11 00 00")]
    [InlineData("20 00 20 01 41 00 13 00 00")]
    [InlineData("20 00 20 00 41 00 1B")]
    [InlineData("20 00 20 00 41 00 1C 01 7F")]
    [InlineData("D0 70 D1")]
    [InlineData("D0 73 D1")]
    [InlineData("D0 72 D1")]
    [InlineData("02 40 D0 70 D5 00 1A 0B 41 00")]
    [InlineData("02 70 D0 70 D6 00 D0 70 0B D1")]
    [InlineData("3F 00")]
    [InlineData("41 00 40 00")]
    [InlineData("41 00 41 00 41 00 FC 0A 00 00 41 00")]
    [InlineData("41 00 41 00 41 00 FC 0B 00 41 00")]
    [InlineData("41 00 25 00 D1")]
    [InlineData("D0 70 41 01 FC 0F 00")]
    [InlineData("FC 10 00")]
    [InlineData("43 00 00 00 00 FC 00")]
    [InlineData("00 D4 D1")]
    [InlineData("20 00 21 00 20 01 22 01 1A 20 00")]
    [InlineData("02 40 20 00 0D 00 0C 00 0B 20 00")]
    [InlineData("20 00 04 40 01 05 01 0B 20 00")]
    [InlineData("02 7F 20 00 20 00 0D 00 0B")]
    [InlineData("20 00 0F 6A")]
    public void Valid_bodies_pass(string body) => Assert.All(Bodies(body), static module => Load(module));

    [Theory]
    [InlineData("", "type mismatch")]
    [InlineData("20 01", "expected i32, found i64")]
    [InlineData("20 00 20 00", "more operands")]
    [InlineData("20 00 20 01 6A", "expected i32, found i64")]
    [InlineData("6A", "found nothing")]
    [InlineData("20 02", "unknown local")]
    [InlineData("23 00", "unknown global")]
    [InlineData("10 01", "unknown function")]
    [InlineData("0C 01", "unknown label")]
    [InlineData("41 00 28 03 00", "alignment")]
    [InlineData("41 00 28 02 80 80 80 80 10", "offset out of range")]
    [InlineData("41 00 28 42 01 00", "unknown memory")]
    [InlineData("02 7F 0B", "type mismatch")]
    [InlineData("02 05 0B", "unknown type")]
    [InlineData("41 01 04 7F 41 02 0B", "an if without else")]
    [InlineData("00 20 01", "expected i32, found i64")]
    [InlineData("00 D4 6A", "expected i32")]
    [InlineData("02 7F 02 40 41 00 0E 01 00 01 0B 41 00 0B", "differ in arity")]
    [InlineData("D0 70 D0 70 41 00 1B D1", "select of references")]
    [InlineData("20 00 20 01 41 00 1B", "type mismatch")]
    [InlineData("41 00 1C 00", "invalid result arity")]
    [InlineData("D2 00 D1", "undeclared function reference")]
    [InlineData("25 01", "unknown table")]
    [InlineData("20 01 21 00 20 00", "expected i32, found i64")]
    [InlineData("20 01 22 00", "expected i32, found i64")]
    [InlineData("02 40 20 01 0D 00 0B 20 00", "expected i32, found i64")]
    [InlineData("02 40 20 00 0B 20 00", "more operands")]
    [InlineData("20 00 04 40 20 00 05 0B 20 00", "more operands")]
    [InlineData("02 7F 20 01 0B", "expected i32, found i64")]
    [InlineData("02 7F 20 01 20 00 0D 00 0B", "expected i32, found i64")]
    [InlineData("20 00 20 00 10 00", "expected i64, found i32")]
    [InlineData("20 01 0F", "expected i32, found i64")]
    [InlineData("20 00 20 00 20 01 1B", "expected i32, found i64")]
    [InlineData("02 40 1A 0B 20 00", "operand is missing")]
    [InlineData("20 00 02 40 45 1A 0B 20 00", "found nothing")]
    [InlineData("FC 0D 00 41 00", "unknown elem segment")]
    [InlineData("20 00 D1", "expected a reference")]
    [InlineData("02 40 D0 70 D6 00 0B 41 00", "takes no reference")]
    public void Invalid_bodies_are_refused(string body, string message)
    {
        foreach (byte[] module in Bodies(body))
        {
            var fault = Assert.Throws<InvalidModuleException>(() => Load(module));
            Assert.Contains(message, fault.Message, StringComparison.Ordinal);
            Assert.Equal("function[0]", fault.Function);
        }
    }

    [Theory]
    [InlineData("FF", "illegal opcode")]
    [InlineData("FC 7F", "illegal opcode")]
    [InlineData("FC 88 02", "illegal opcode")]
    [InlineData("41 80 80 80 80 80 00", "integer representation too long")]
    [InlineData("41 80 80 80 80 10", "integer too large")]
    [InlineData("20 80 80 80 80 10", "integer too large")]
    [InlineData("02 40", "unexpected end")]
    [InlineData("41 00 0B 01", "code after the function's end")]
    [InlineData("05", "else without if")]
    [InlineData("41 00 28 80 01 00", "malformed memop flags")]
    [InlineData("41 00 41 00 41 00 FC 08 00 00 41 00", "data count section required")]
    [InlineData("FC 09 00", "data count section required")]
    [InlineData("02 60 0B", "malformed")]
    [InlineData("0E FF FF FF FF 0F", "length out of bounds")]
    public void Malformed_bodies_are_refused(string body, string message)
    {
        foreach (byte[] module in Bodies(body))
        {
            var fault = Assert.Throws<MalformedModuleException>(() => Load(module));
            Assert.Contains(message, fault.Message, StringComparison.Ordinal);
            Assert.Equal("function[0]", fault.Function);
        }
    }

    [Theory]
    [InlineData("FD 0C", "simd")]
    [InlineData("FD 80 02", "relaxed-simd")]
    [InlineData("FB 00 00", "gc")]
    [InlineData("D3", "gc")]
    [InlineData("FE 00 00 00", "threads")]
    [InlineData("08 00", "exceptions")]
    [InlineData("1F 40 00 0B", "exceptions")]
    [InlineData("06 40 0B", "exceptions")]
    [InlineData("FC 13", "wide-arithmetic")]
    [InlineData("D0 6E", "gc")]
    public void What_the_engine_lacks_is_named(string body, string feature) =>
        Assert.All(Bodies(body), module => Assert.Equal(feature, Assert.Throws<UnsupportedFeatureException>(() => Load(module)).Feature));

    // Each instruction that the fast path takes, with operands that it must refuse: every type in every operand's place.
    [Fact]
    public void Every_simple_instruction_checks_every_operand()
    {
        const string Letters = "ilfd";
        byte[][] constants = [[0x41, 0], [0x42, 0], [0x43, 0, 0, 0, 0], [0x44, 0, 0, 0, 0, 0, 0, 0, 0]];
        foreach (OpcodeInfo row in WasmOpcodes.Rows)
        {
            if (row.Operands is not { Length: > 0 and <= 2 } operands || row.Immediate is not (ImmediateKind.None or ImmediateKind.MemoryArgument)) continue;
            byte[] opcode = (int)row.Opcode > 255 ? [0xFC, (byte)row.Opcode] : [(byte)row.Opcode];
            byte[] immediate = row.Immediate == ImmediateKind.None ? [] : [0, 0];
            for (int choice = 0; choice < Math.Pow(4, operands.Length); choice++)
            {
                string chosen = new([.. Enumerable.Range(0, operands.Length).Select(i => Letters[(choice >> (2 * i)) & 3])]);
                byte[] arguments = [.. chosen.SelectMany(letter => constants[Letters.IndexOf(letter, StringComparison.Ordinal)])];
                byte[] results = [.. row.Results!.Select(letter => (byte)WasmOpcodes.TypeOf(letter).Bits)];
                byte[] padding = Enumerable.Repeat((byte)0x01, 16).ToArray();
                byte[] module = Function([], results, [.. arguments, .. opcode, .. immediate, .. padding]);
                if (chosen == operands) Load(module);
                else Assert.Throws<InvalidModuleException>(() => Load(module));
            }

            Assert.Throws<InvalidModuleException>(() => Load(Function([], [], [.. opcode, .. immediate, .. Enumerable.Repeat((byte)0x01, 16), 0x1A])));
        }
    }

    [Fact]
    public void Call_sites_are_counted_and_numbered()
    {
        byte[] indirect = [0x41, 0, 0x11, 0, 0];
        byte[] byReference = [0xD0, 0, 0x14, 0];
        ModuleDefinition module = Load(new ModuleBytes()
            .Section(1, Vector([0x60, 0, 0]))
            .Section(3, Vector([0], [0], [0]))
            .Section(4, Vector([0x70, 0, 1]))
            .Section(10, Vector(
                Sized([0, .. indirect, .. indirect, 0x0B]),
                Sized([0, 0x10, 0, 0x0B]),
                Sized([0, .. byReference, 0x41, 0, 0x13, 0, 0, 0x0B])))
            .ToArray());
        Assert.Equal([2, 0, 2], module.Codes.Select(c => c.CallSiteCount));
        Assert.Equal([0, 2, 2], module.Codes.Select(c => c.FirstCallSite));
    }

    private static byte[] LocalsOf(byte[] locals, string body) => new ModuleBytes()
        .Section(1, Vector([0x60, 0, 0]))
        .Section(3, Vector([0]))
        .Section(7, Vector([.. Name("f"), 0, 0]))
        .Section(10, Vector(Sized([.. locals, .. Hex(body), 0x0B])))
        .ToArray();

    [Theory]
    [InlineData("D2 00 21 00 20 00 1A", true)]
    [InlineData("20 00 1A", false)]
    [InlineData("02 40 D2 00 21 00 0B 20 00 1A", false)]
    [InlineData("D2 00 21 00 02 40 20 00 1A 0B", true)]
    [InlineData("41 00 04 40 D2 00 21 00 05 20 00 1A 0B", false)]
    [InlineData("D2 00 22 00 1A 20 00 1A", true)]
    public void A_local_without_default_must_be_assigned_first(string body, bool isValid)
    {
        byte[] module = LocalsOf([1, 1, 0x64, 0x70], body);
        if (isValid) Load(module);
        else Assert.Contains("uninitialized local", Assert.Throws<InvalidModuleException>(() => Load(module)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Locals_beyond_the_expanded_ones_have_their_declared_types()
    {
        // 1,000 i32, 1,000 i64, 1,000 f32: the last groups are looked up, not expanded.
        byte[] locals = [3, .. Leb(1000), 0x7F, .. Leb(1000), 0x7E, .. Leb(1000), 0x7D];
        foreach ((int index, byte test) in new (int, byte)[] { (0, 0x45), (999, 0x45), (1000, 0x50), (1023, 0x50), (1024, 0x50), (1999, 0x50), (2000, 0xA8), (2999, 0xA8) })
        {
            string right = "20" + Convert.ToHexString(Leb((ulong)index)) + test.ToString("X2", null) + "1A";
            Load(LocalsOf(locals, right));
            string wrong = "20" + Convert.ToHexString(Leb((ulong)index)) + "9A1A";
            Assert.Throws<InvalidModuleException>(() => Load(LocalsOf(locals, wrong)));
        }

        Assert.Throws<InvalidModuleException>(() => Load(LocalsOf(locals, "20" + Convert.ToHexString(Leb(3000)) + "1A")));
    }

    [Fact]
    public void Locals_are_limited()
    {
        Load(LocalsOf([1, .. Leb(50_000), 0x7F], ""));
        Assert.Throws<InvalidModuleException>(() => Load(LocalsOf([1, .. Leb(50_001), 0x7F], "")));
        Assert.Throws<InvalidModuleException>(() => Load(LocalsOf([1, .. Leb(uint.MaxValue), 0x7F], "")));
        Assert.Throws<MalformedModuleException>(() => Load(LocalsOf([2, .. Leb(uint.MaxValue), 0x7F, 1, 0x7F], "")));
    }

    [Fact]
    public void Deep_nesting_uses_no_native_stack()
    {
        const int Depth = 1_000_000;
        byte[] body = new byte[Depth * 3];
        for (int i = 0; i < Depth; i++)
        {
            body[2 * i] = 0x02;
            body[(2 * i) + 1] = 0x40;
            body[(2 * Depth) + i] = 0x0B;
        }

        Load(Function([], [], body));
    }

    [Fact]
    public void A_large_operand_stack_grows()
    {
        byte[] push = Enumerable.Repeat(new byte[] { 0x41, 0 }, 100_000).SelectMany(static b => b).ToArray();
        byte[] drop = Enumerable.Repeat((byte)0x1A, 100_000).ToArray();
        Load(Function([], [], [.. push, .. drop]));
        Assert.Throws<InvalidModuleException>(() => Load(Function([], [], [.. push, .. drop, 0x1A])));
    }

    [Fact]
    public void Globals_are_typed_and_mutable_ones_assignable()
    {
        static byte[] Module(string body) => new ModuleBytes()
            .Section(1, Vector([0x60, 0, 0]))
            .Section(3, Vector([0]))
            .Section(6, Vector([0x7F, 0, 0x41, 0, 0x0B], [0x7E, 1, 0x42, 0, 0x0B]))
            .Section(10, Vector(Sized([0, .. Hex(body), .. Enumerable.Repeat((byte)0x01, 16), 0x0B])))
            .ToArray();

        Load(Module("42 00 24 01 23 01 50 1A 23 00 45 1A"));
        Assert.Contains("immutable", Assert.Throws<InvalidModuleException>(() => Load(Module("41 00 24 00"))).Message, StringComparison.Ordinal);
        Assert.Contains("expected i64", Assert.Throws<InvalidModuleException>(() => Load(Module("41 00 24 01"))).Message, StringComparison.Ordinal);
        Assert.Contains("unknown global", Assert.Throws<InvalidModuleException>(() => Load(Module("23 02 1A"))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidModuleException>(() => Load(Module("23 00 50 1A")));
    }
}
