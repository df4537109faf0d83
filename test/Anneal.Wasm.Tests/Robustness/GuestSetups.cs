using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

/// <summary>The ways to run guest code that must not differ in what guests can see: tiers, and kinds of memory checks.</summary>
public static class GuestSetups
{
    public static TheoryData<Tier, MemoryChecks> All => new()
    {
        { Tier.Portable, MemoryChecks.Hardware },
        { Tier.Threaded, MemoryChecks.Hardware },
        { Tier.Threaded, MemoryChecks.Explicit },
        { Tier.Baseline, MemoryChecks.Hardware },
        { Tier.Baseline, MemoryChecks.Explicit },
        { Tier.Auto, MemoryChecks.Hardware },
    };
}
