using Anneal.Wasm.Tests.Api;

namespace Anneal.Wasm.Tests.Fuel;

/// <summary>What tests of fuel share: stores of metering engines.</summary>
public abstract class FuelTest : ApiTest
{
    protected const long Plenty = 1_000_000;

    protected Engine NewMeteringEngine(Tier tier, MemoryChecks checks = MemoryChecks.Hardware) =>
        Keep(new Engine(new EngineOptions { Tier = tier, MemoryChecks = checks, FuelMetering = true }));

    protected Store NewMeteredStore(Tier tier, long fuel = Plenty)
    {
        Store store = NewStore(NewMeteringEngine(tier));
        store.Fuel = fuel;
        return store;
    }

    protected Instance Instantiate(Store store, string text, Action<Linker>? define = null)
    {
        Linker linker = NewLinker(store.Engine);
        define?.Invoke(linker);
        return linker.Instantiate(store, Compile(store.Engine, text));
    }
}
