using Anneal.Ebpf;
using Xunit;

namespace Anneal.Cli.Tests;

/// <summary>Entries of maps as words, where no object at hand has such a map.</summary>
public sealed class MapTextTests
{
    [Theory]
    [InlineData(MapType.Queue, "  1\n  2\n")]
    [InlineData(MapType.Stack, "  2\n  1\n")]
    public void Queues_and_stacks_have_values_without_keys(MapType type, string expected)
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var runtime = new EbpfRuntime(engine);
        using EbpfMap map = runtime.CreateMap(new MapDefinition { Name = "q", Type = type, KeySize = 0, ValueSize = 4, MaxEntries = 2 });
        MapText.Set(map, ":1,:2");
        Assert.Contains("no place for \":3\" among its 2 entries", Assert.Throws<UsageException>(() => MapText.Set(map, ":3")).Message);
        Assert.Contains($"\"7\", where a {type} has no key: \":VALUE\" is an entry", Assert.Throws<UsageException>(() => MapText.Set(map, "7:3")).Message);
        using var text = new StringWriter { NewLine = "\n" };
        MapText.Print(map, text);
        Assert.Equal($"q ({type}):\n{expected}", text.ToString());
    }
}
