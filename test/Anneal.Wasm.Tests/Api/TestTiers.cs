using Xunit;

namespace Anneal.Wasm.Tests.Api;

/// <summary>The tiers that every test of guest code runs on.</summary>
public static class TestTiers
{
    public static TheoryData<Tier> All => [Tier.Portable, Tier.Threaded, Tier.Baseline, Tier.Auto];
}
