using Anneal.Wasm.Binary;
using Xunit;
using static Anneal.Wasm.Tests.Binary.ModuleBytes;

namespace Anneal.Wasm.Tests.Binary;

public sealed class NameSectionTests
{
    private static NameSection Read(params byte[] payload) => NameSection.Read(ModuleDecoder.Decode(
        new ModuleBytes()
            .Section(1, Vector([0x60, 0, 0]))
            .Section(3, Vector([0], [0]))
            .Section(10, Vector([2, 0, 0x0B], [2, 0, 0x0B]))
            .Section(0, [.. Name("name"), .. payload])
            .ToArray(),
        new TypeRegistry()));

    [Fact]
    public void Names_of_module_and_functions_are_read()
    {
        NameSection names = Read([0, .. Sized(Name("mod")), 1, .. Sized(Vector([0, .. Name("f")], [1, .. Name("größe")])), 2, 0]);
        Assert.Equal("mod", names.ModuleName);
        Assert.Equal("f", names.FunctionName(0));
        Assert.Equal("function[1] <größe>", names.Describe(1));
        Assert.Equal("function[2]", names.Describe(2));
    }

    [Fact]
    public void What_precedes_a_fault_is_kept()
    {
        NameSection names = Read([0, .. Sized(Name("mod")), 1, 9, 1]);
        Assert.Equal("mod", names.ModuleName);
        Assert.Null(names.FunctionName(0));
    }

    [Fact]
    public void Names_of_functions_that_are_not_there_are_ignored() =>
        Assert.Equal(0, Read([1, .. Sized(Vector([.. Leb(uint.MaxValue), .. Name("f")]))]).FunctionCount);

    [Fact]
    public void A_module_without_names_has_none() => Assert.Null(Read().ModuleName);
}
