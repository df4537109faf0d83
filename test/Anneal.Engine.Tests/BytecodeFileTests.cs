using Anneal.Bytecode;
using Xunit;

namespace Anneal.Tests;

public sealed class BytecodeFileTests
{
    /// <summary>The tiers that every file test runs on.</summary>
    private static readonly Tier[] Tiers = [Tier.Portable, Tier.Threaded, Tier.Baseline, Tier.Auto];

    public static TheoryData<string, Tier> FilesOnTiers
    {
        get
        {
            var data = new TheoryData<string, Tier>();
            foreach (string path in Directory.GetFiles(BytecodeFile.Folder, "*.bc").Order(StringComparer.Ordinal))
            {
                foreach (Tier tier in Tiers) data.Add(Path.GetFileNameWithoutExtension(path), tier);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(FilesOnTiers))]
    public void Runs_as_the_file_says(string name, Tier tier)
    {
        BytecodeFile file = BytecodeFile.Read(name);
        using var engine = new Engine(new EngineOptions { Tier = tier });
        foreach (string run in file.Runs) file.Run(run, engine);
        // No tier did another one's work.
        EngineStatistics statistics = engine.GetStatistics();
        Assert.Equal(0, statistics.Refusals);
        if (tier == Tier.Threaded) Assert.Equal((true, 0), (statistics.FunctionsPredecoded > 0, statistics.FunctionsCompiled));
    }

    [Theory]
    [MemberData(nameof(FilesOnTiers))]
    public void Bodies_pass_the_checker_and_print_to_a_text_that_parses_to_them(string name, Tier tier)
    {
        _ = tier;
        BytecodeFile file = BytecodeFile.Read(name);
        foreach (FunctionBody body in file.Functions)
        {
            BytecodeChecker.Check(body, file.Counts);
            FunctionBody again = BytecodeText.Parse(BytecodeText.Print(body));
            Assert.Equal(body.Code, again.Code);
            Assert.Equal(BytecodeText.Print(body), BytecodeText.Print(again));
        }
    }
}
