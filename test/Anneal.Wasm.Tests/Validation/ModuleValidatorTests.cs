using Anneal.Wasm.Binary;
using Anneal.Wasm.Tests.Binary;
using Anneal.Wasm.Validation;
using Xunit;
using static Anneal.Wasm.Tests.Binary.ModuleBytes;

namespace Anneal.Wasm.Tests.Validation;

public sealed class ModuleValidatorTests
{
    private static void Invalid(string message, ModuleBytes module)
    {
        var fault = Assert.Throws<InvalidModuleException>(() => Load(module.ToArray()));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    private static ModuleBytes OneFunction(byte[] parameters) => new ModuleBytes()
        .Section(1, Vector([0x60, .. Sized(parameters), 0]))
        .Section(3, Vector([0]));

    private static readonly byte[] emptyBody = Vector([2, 0, 0x0B]);

    [Fact]
    public void Sizes_are_bounded()
    {
        Invalid("memory size", new ModuleBytes().Section(5, Vector([0, .. Leb(65537)])));
        Invalid("memory size", new ModuleBytes().Section(5, Vector([1, 0, .. Leb(1UL << 40)])));
        Invalid("minimum must not be greater", new ModuleBytes().Section(5, Vector([1, 2, 1])));
        Invalid("table size", new ModuleBytes().Section(4, Vector([0x70, 0, .. Leb(1UL << 32)])));
        Load(new ModuleBytes().Section(4, Vector([0x70, 1, 0, .. Leb(uint.MaxValue)])).ToArray());
        Load(new ModuleBytes().Section(5, Vector([1, 0, .. Leb(65536)])).ToArray());
    }

    [Fact]
    public void Exports_are_unique_and_exist()
    {
        Invalid("duplicate export name", OneFunction([]).Section(7, Vector([.. Name("a"), 0, 0], [.. Name("a"), 0, 0])).Section(10, emptyBody));
        Invalid("unknown function 1", OneFunction([]).Section(7, Vector([.. Name("a"), 0, 1])).Section(10, emptyBody));
        Invalid("unknown memory", OneFunction([]).Section(7, Vector([.. Name("a"), 2, .. Leb(uint.MaxValue)])).Section(10, emptyBody));
    }

    [Fact]
    public void The_start_function_takes_and_gives_nothing()
    {
        Invalid("start function", OneFunction([0x7F]).Section(8, 0).Section(10, emptyBody));
        Invalid("unknown function", OneFunction([]).Section(8, 1).Section(10, emptyBody));
        Assert.Equal(0, Load(OneFunction([]).Section(8, 0).Section(10, emptyBody).ToArray()).StartFunction);
    }

    [Theory]
    [InlineData("41 00 0B", null)]
    [InlineData("41 01 41 02 6A 41 03 6C 41 04 6B 0B", null)]
    [InlineData("42 00 0B", "expected i32")]
    [InlineData("0B", "found nothing")]
    [InlineData("41 00 41 00 0B", "more than one value")]
    [InlineData("41 00 45 0B", "constant expression required")]
    [InlineData("02 7F 41 00 0B 0B", "constant expression required")]
    [InlineData("23 00 0B", "unknown global")]
    [InlineData("6A 0B", "found nothing")]
    public void Initializers_are_constant_and_typed(string initializer, string? message)
    {
        byte[] bytes = Convert.FromHexString(initializer.Replace(" ", "", StringComparison.Ordinal));
        ModuleBytes module = new ModuleBytes().Section(6, Vector([0x7F, 0, .. bytes]));
        if (message is null) Load(module.ToArray());
        else Invalid(message, module);
    }

    [Fact]
    public void Globals_see_earlier_immutable_globals()
    {
        byte[] zero = [0x41, 0, 0x0B];
        byte[] first = [0x23, 0, 0x0B];
        Load(new ModuleBytes().Section(6, Vector([0x7F, 0, .. zero], [0x7F, 0, .. first])).ToArray());
        Invalid("is mutable", new ModuleBytes().Section(6, Vector([0x7F, 1, .. zero], [0x7F, 0, .. first])));
        Invalid("unknown global", new ModuleBytes().Section(6, Vector([0x7F, 0, .. first])));
    }

    [Fact]
    public void Tables_of_non_nullable_references_need_an_initializer()
    {
        Invalid("no initializer", new ModuleBytes().Section(4, Vector([0x64, 0x70, 0, 1])));
        Invalid("type mismatch", new ModuleBytes().Section(4, Vector([0x40, 0, 0x64, 0x70, 0, 1, 0xD0, 0x70, 0x0B])));
        Load(OneFunction([]).Section(4, Vector([0x40, 0, 0x64, 0x70, 0, 1, 0xD2, 0, 0x0B])).Section(10, emptyBody).ToArray());
    }

    [Fact]
    public void Segments_name_what_exists()
    {
        byte[] offset = [0x41, 0, 0x0B];
        Invalid("unknown memory", new ModuleBytes().Section(11, Vector([0, .. offset, 0])));
        Invalid("unknown table", new ModuleBytes().Section(9, Vector([0, .. offset, 0])));
        Invalid("unknown function", new ModuleBytes().Section(4, Vector([0x70, 0, 1])).Section(9, Vector([0, .. offset, 1, 0])));
        Invalid("type mismatch", new ModuleBytes().Section(4, Vector([0x6F, 0, 1])).Section(9, Vector([0, .. offset, 0])));
        Invalid("expected i32", new ModuleBytes().Section(5, Vector([0, 1])).Section(11, Vector([0, 0x42, 0, 0x0B, 0])));
    }

    [Fact]
    public void Tags_have_no_results() =>
        Invalid("non-empty tag result", new ModuleBytes().Section(1, Vector([0x60, 0, 1, 0x7F])).Section(13, Vector([0, 0])));

    [Fact]
    public void The_first_fault_is_reported_however_many_threads_there_are()
    {
        // 4,000 functions, of which 1,234 and many later ones are invalid.
        byte[] right = Sized([0, .. Enumerable.Repeat((byte)0x01, 100), 0x0B]);
        byte[] wrong = Sized([0, .. Enumerable.Repeat((byte)0x01, 100), 0x1A, 0x0B]);
        byte[][] bodies = [.. Enumerable.Range(0, 4000).Select(i => i == 1234 || i > 1500 ? wrong : right)];
        byte[] bytes = new ModuleBytes()
            .Section(1, Vector([0x60, 0, 0]))
            .Section(3, Vector([.. Enumerable.Repeat(new byte[] { 0 }, 4000)]))
            .Section(10, Vector(bodies))
            .ToArray();
        for (int threads = 1; threads <= 8; threads++)
        {
            ModuleDefinition module = ModuleDecoder.Decode(bytes, new TypeRegistry());
            var options = new ValidationOptions { MaxDegreeOfParallelism = threads };
            Assert.Equal("function[1234]", Assert.Throws<InvalidModuleException>(() => ModuleValidator.Validate(module, options)).Function);
        }
    }

    [Fact]
    public void Small_functions_with_many_locals_do_not_take_time_out_of_proportion()
    {
        // 100,000 functions of 50,000 locals each, 8 bytes a function: expanding all would write 20 GB.
        byte[] body = Sized([1, .. Leb(50_000), 0x7F, 0x0B]);
        const int Count = 100_000;
        byte[] bytes = new ModuleBytes()
            .Section(1, Vector([0x60, 0, 0]))
            .Section(3, [.. Leb(Count), .. new byte[Count]])
            .Section(10, [.. Leb(Count), .. Enumerable.Repeat(body, Count).SelectMany(static b => b)])
            .ToArray();
        Assert.Equal(Count, Load(bytes).Codes.Length);
    }
}
