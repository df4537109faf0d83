using Anneal.Bytecode;
using Xunit;

namespace Anneal.Tests;

public sealed class SourceMapTests
{
    private static readonly SourceMap Map = new([0, 2, 5], [100, 107, 103]);

    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 100)]
    [InlineData(2, 107)]
    [InlineData(4, 107)]
    [InlineData(9, 103)]
    public void A_position_maps_to_the_offset_of_the_entry_at_or_before_it(int pc, int offset) =>
        Assert.Equal(offset, Map.GuestOffset(pc));

    [Theory]
    [InlineData(100, 0)]
    [InlineData(103, 5)]
    [InlineData(101, -1)]
    public void An_offset_maps_to_its_first_position(int offset, int pc) => Assert.Equal(pc, Map.FirstPc(offset));

    [Fact]
    public void An_empty_map_knows_nothing()
    {
        Assert.Equal(-1, SourceMap.Empty.GuestOffset(0));
        Assert.Equal(-1, SourceMap.Empty.FirstPc(0));
    }
}
