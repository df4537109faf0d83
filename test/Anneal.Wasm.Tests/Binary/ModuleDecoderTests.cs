using Anneal.Wasm.Binary;
using Xunit;
using static Anneal.Wasm.Tests.Binary.ModuleBytes;

namespace Anneal.Wasm.Tests.Binary;

public sealed class ModuleDecoderTests
{
    private static ModuleDefinition Decode(byte[] bytes) => ModuleDecoder.Decode(bytes, new TypeRegistry());

    private static void Malformed(string message, byte[] bytes)
    {
        var fault = Assert.Throws<MalformedModuleException>(() => Decode(bytes));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_module_decodes()
    {
        ModuleDefinition module = Decode(new ModuleBytes().ToArray());
        Assert.Empty(module.Functions);
        Assert.Equal(-1, module.StartFunction);
        Assert.Equal(-1, module.DataCount);
    }

    [Fact]
    public void Index_spaces_list_imports_first()
    {
        ModuleDefinition module = Load(new ModuleBytes()
            .Section(1, Vector([0x60, 0, 0], [0x60, 1, 0x7F, 1, 0x7E]))
            .Section(2, Vector(
                [.. Name("a"), .. Name("f"), 0, 1],
                [.. Name("a"), .. Name("t"), 1, 0x6F, 0, 3],
                [.. Name("a"), .. Name("m"), 2, 1, 1, 2],
                [.. Name("a"), .. Name("g"), 3, 0x7F, 0],
                [.. Name("a"), .. Name("x"), 4, 0, 0]))
            .Section(3, Vector([0]))
            .Section(4, Vector([0x70, 1, 4, 5]))
            .Section(5, Vector([0, 7]))
            .Section(13, Vector([0, 0]))
            .Section(6, Vector([0x7E, 1, 0x42, 0x7F, 0x0B]))
            .Section(7, Vector([.. Name("main"), 0, 1]))
            .Section(8, 1)
            .Section(10, Vector([2, 0, 0x0B]))
            .ToArray());
        Assert.Equal([ExternalKind.Function, ExternalKind.Table, ExternalKind.Memory, ExternalKind.Global, ExternalKind.Tag], module.Imports.Select(i => i.Kind));
        Assert.Equal("[i32] -> [i64]", module.Functions[0].ToString());
        Assert.Equal("[] -> []", module.Functions[1].ToString());
        Assert.Equal(ValueType.ExternRef, module.Tables[0].Type.Element);
        Assert.Equal(new Limits(4, 5), module.Tables[1].Type.Limits);
        Assert.Equal(new Limits(1, 2), module.Memories[0].Limits);
        Assert.Equal(new Limits(7, null), module.Memories[1].Limits);
        Assert.Equal(new GlobalType(ValueType.I64, true), module.Globals[1].Type);
        Assert.Equal(2, module.Tags.Length);
        Assert.Equal(1, module.StartFunction);
        Assert.Equal(new ExportDefinition("main", ExternalKind.Function, 1), module.Exports[0]);
        Assert.Equal([false, true], module.DeclaredFunctionReferences);
    }

    [Fact]
    public void Element_segments_of_all_eight_forms_decode()
    {
        byte[] offset = [0x41, 0, 0x0B];
        byte[] nothing = [0xD0, 0x70, 0x0B];
        ModuleDefinition module = Load(new ModuleBytes()
            .Section(4, Vector([0x70, 0, 9]))
            .Section(9, Vector(
                [0, .. offset, 0],
                [1, 0, 0],
                [2, 0, .. offset, 0, 0],
                [3, 0, 0],
                [4, .. offset, 1, .. nothing],
                [5, 0x70, 1, .. nothing],
                [6, 0, .. offset, 0x70, 0],
                [7, 0x63, 0x70, 0]))
            .ToArray());
        Assert.Equal(
            [SegmentMode.Active, SegmentMode.Passive, SegmentMode.Active, SegmentMode.Declarative, SegmentMode.Active, SegmentMode.Passive, SegmentMode.Active, SegmentMode.Declarative],
            module.Elements.Select(e => e.Mode));
        Assert.Equal([0, 0, 0, 0, 1, 1, 0, 0], module.Elements.Select(e => e.Length));
        Assert.All(module.Elements.Take(4), static e => Assert.False(e.Type.IsNullable));
        Assert.All(module.Elements.Skip(4), static e => Assert.Equal(ValueType.FuncRef, e.Type));
    }

    [Fact]
    public void Data_segments_name_their_payload()
    {
        byte[] bytes = new ModuleBytes()
            .Section(5, Vector([0, 1]))
            .Section(12, 2)
            .Section(11, Vector([0, 0x41, 0, 0x0B, .. Sized(1, 2, 3)], [1, .. Sized(9)]))
            .ToArray();
        ModuleDefinition module = Load(bytes);
        Assert.Equal([1, 2, 3], bytes[module.Datas[0].Start..][..module.Datas[0].Length]);
        Assert.Equal(SegmentMode.Passive, module.Datas[1].Mode);
        Assert.Equal(2, module.DataCount);
    }

    [Fact]
    public void A_type_can_refer_to_itself_and_to_earlier_types()
    {
        var registry = new TypeRegistry();
        byte[] bytes = new ModuleBytes()
            .Section(1, Vector([0x60, 1, 0x63, 0, 0], [0x60, 1, 0x64, 0, 0], [0x4E, 1, 0x60, 1, 0x63, 2, 0]))
            .ToArray();
        FunctionType[] types = ModuleDecoder.Decode(bytes, registry).Types;
        Assert.Equal(types[0].CanonicalId, types[0].Parameters[0].CanonicalId);
        Assert.Equal(types[0].CanonicalId, types[1].Parameters[0].CanonicalId);
        Assert.Same(types[0], types[2]);
        Assert.Same(types[1], ModuleDecoder.Decode(bytes, registry).Types[1]);
    }

    [Fact]
    public void A_type_cannot_refer_to_a_later_one() =>
        Assert.Throws<InvalidModuleException>(() => Decode(new ModuleBytes().Section(1, Vector([0x60, 1, 0x63, 1, 0], [0x60, 0, 0])).ToArray()));

    [Fact]
    public void Custom_sections_are_kept_wherever_they_stand()
    {
        ModuleDefinition module = Decode(new ModuleBytes()
            .Section(0, [.. Name("one"), 1, 2])
            .Section(1, Vector([0x60, 0, 0]))
            .Section(0, Name("two"))
            .ToArray());
        Assert.Equal(["one", "two"], module.CustomSections.Select(c => c.Name));
        Assert.Equal([2, 0], module.CustomSections.Select(c => c.Length));
    }

    [Theory]
    [InlineData("", "magic header not detected")]
    [InlineData("0061736E01000000", "magic header not detected")]
    [InlineData("0061736D", "unknown binary version")]
    [InlineData("0061736D0D000100", "unknown binary version")]
    [InlineData("0061736D010000000E00", "malformed section id")]
    [InlineData("0061736D0100000001", "unexpected end")]
    [InlineData("0061736D010000000105", "unexpected end")]
    [InlineData("0061736D01000000010200", "unexpected end")]
    [InlineData("0061736D0100000001020000", "section size mismatch")]
    [InlineData("0061736D0100000001010001 0100", "out of order")]
    [InlineData("0061736D01000000030100010100", "out of order")]
    [InlineData("0061736D01000000000201FF", "malformed UTF-8")]
    [InlineData("0061736D01000000000100000201", "unexpected end")]
    [InlineData("0061736D0100000001FFFFFFFF7F", "integer too large")]
    [InlineData("0061736D01000000010481808000", "unexpected end")]
    public void Malformed_modules_are_refused(string hex, string message) =>
        Malformed(message, Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    [Fact]
    public void Functions_without_code_are_refused()
    {
        Malformed("inconsistent lengths", new ModuleBytes().Section(1, Vector([0x60, 0, 0])).Section(3, Vector([0])).ToArray());
        Malformed("inconsistent lengths", new ModuleBytes().Section(10, Vector([2, 0, 0x0B])).ToArray());
    }

    [Fact]
    public void A_wrong_data_count_is_refused() =>
        Malformed("data count and data section", new ModuleBytes().Section(12, 1).ToArray());

    [Theory]
    [InlineData(2, "01 0161 0162 05", "malformed import kind")]
    [InlineData(5, "01 08 00", "malformed limits flags")]
    [InlineData(6, "01 7F 02 41 00 0B", "malformed mutability")]
    [InlineData(6, "01 7F 00 41 00", "END opcode expected")]
    [InlineData(6, "01 40 00 41 00 0B", "malformed reference type")]
    [InlineData(7, "01 0161 05 00", "malformed export kind")]
    [InlineData(9, "01 08 00", "malformed elements segment kind")]
    [InlineData(9, "01 01 01 00", "malformed element kind")]
    [InlineData(11, "01 03 00", "malformed data segment kind")]
    [InlineData(13, "01 01 00", "zero byte expected")]
    [InlineData(4, "01 40 01 70 00 00 D0 70 0B", "zero byte expected")]
    public void Malformed_sections_are_refused(byte id, string payload, string message) =>
        Malformed(message, new ModuleBytes().Section(id, Convert.FromHexString(payload.Replace(" ", "", StringComparison.Ordinal))).ToArray());

    [Theory]
    [InlineData(1, "01 5F 00", "gc")]
    [InlineData(1, "01 5E 7F 00", "gc")]
    [InlineData(1, "01 50 00 60 00 00", "gc")]
    [InlineData(1, "01 4E 02 60 00 00 60 00 00", "gc")]
    [InlineData(1, "01 60 01 7B 00", "simd")]
    [InlineData(1, "01 60 01 6E 00", "gc")]
    [InlineData(1, "01 60 01 69 00", "exceptions")]
    [InlineData(5, "01 03 01 02", "threads")]
    [InlineData(5, "01 04 01", "memory64")]
    [InlineData(4, "01 70 05 01 02", "memory64")]
    [InlineData(6, "01 7F 00 FD 0C 0B", "simd")]
    [InlineData(6, "01 7F 00 FB 00 00 0B", "gc")]
    public void What_the_engine_lacks_is_named(byte id, string payload, string feature)
    {
        byte[] bytes = new ModuleBytes().Section(id, Convert.FromHexString(payload.Replace(" ", "", StringComparison.Ordinal))).ToArray();
        Assert.Equal(feature, Assert.Throws<UnsupportedFeatureException>(() => Decode(bytes)).Feature);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(13)]
    public void A_count_that_the_bytes_cannot_hold_costs_nothing(byte section)
    {
        byte[] bytes = new ModuleBytes().Section(section, [.. Leb(uint.MaxValue), 0, 0, 0, 0]).ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Malformed("length out of bounds", bytes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void More_parameters_than_the_limit_are_refused()
    {
        byte[] many = Enumerable.Repeat((byte)0x7F, ModuleLimits.Parameters + 1).ToArray();
        Assert.Throws<InvalidModuleException>(() => Decode(new ModuleBytes().Section(1, Vector([0x60, .. Sized(many), 0])).ToArray()));
        Assert.Equal(ModuleLimits.Parameters, Decode(new ModuleBytes().Section(1, Vector([0x60, .. Sized(many[1..]), 0])).ToArray()).Types[0].Parameters.Length);
    }
}
