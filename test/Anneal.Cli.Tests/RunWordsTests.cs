using Anneal.Cli.Commands;
using Xunit;

namespace Anneal.Cli.Tests;

/// <summary>The short way of a plain <c>run</c>: what it reads, and what it leaves to the grammar.</summary>
public sealed class RunWordsTests
{
    [Fact]
    public void Options_end_at_the_file_and_the_rest_is_the_guests()
    {
        RunWords? words = RunWords.TryRead(["run", "--dir", "a::/", "--env=X=1", "--dir", "b", "--tier", "portable", "--fuel=17", "f.wasm", "--dir", "c", "--"]);
        Assert.NotNull(words);
        Assert.Equal("f.wasm", words.File);
        Assert.Equal(["--dir", "c", "--"], words.Arguments);
        Assert.Equal(["a::/", "b"], words.Directories);
        Assert.Equal(["X=1"], words.Environment);
        Assert.Equal("portable", words.Tier);
        Assert.Equal(17, words.ToOptions().Fuel);
    }

    [Fact]
    public void Options_of_eBPF_may_follow_the_file()
    {
        RunWords? words = RunWords.TryRead(["run", "f.o", "--type", "xdp", "--types", "t.o", "--packet=00", "--sandbox"]);
        Assert.NotNull(words);
        Assert.Null(words.Type);
        words.ReadArgumentsAsOptions();
        Assert.Equal(("xdp", true, "00"), (words.Type, words.Sandbox, words.Packets.Single()));
        Assert.True(words.ToOptions().HasEbpfOptions);
    }

    [Fact]
    public void A_separator_before_the_file_is_dropped()
    {
        RunWords? words = RunWords.TryRead(["run", "--", "-f", "--", "x"]);
        Assert.NotNull(words);
        Assert.Equal("-f", words.File);
        Assert.Equal(["--", "x"], words.Arguments);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run", "--help")]
    [InlineData("run", "--help", "f.wasm")]
    [InlineData("run", "--unknown", "1", "f.wasm")]
    [InlineData("run", "--tier")]
    [InlineData("run", "--tier=", "f.wasm")]
    [InlineData("run", "--tier", "--dir", "f.wasm")]
    [InlineData("run", "--tier", "auto", "--tier", "auto", "f.wasm")]
    [InlineData("run", "--dir", "a")]
    [InlineData("run", "")]
    public void What_is_not_plain_is_left_to_the_grammar(params string[] words) => Assert.Null(RunWords.TryRead(words));
}
