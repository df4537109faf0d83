// What tests of suspension share: guests that are stopped by their fuel, at the same places in each tier, and go on elsewhere: with
// frames in another tier, in a new store, in an engine of another tier. The answer and the fuel used must be those of a run
// without stops.

using Anneal.Wasm.Tests.Fuel;
using Xunit;

namespace Anneal.Wasm.Tests.Suspension;

/// <summary>Where a guest goes on after a stop.</summary>
public enum Hop
{
    /// <summary>In its store, the frames in a tier in turn.</summary>
    Stay,

    /// <summary>In a new store of its engine.</summary>
    NewStore,

    /// <summary>In a new store of an engine of another tier.</summary>
    NewEngine,
}

public abstract class SuspensionTest : FuelTest
{
    protected static readonly Tier[] Tiers = [Tier.Threaded, Tier.Baseline, Tier.Portable, Tier.Auto];

    /// <summary>Links a guest in a store.</summary>
    protected delegate Instance Link(Store store, Module module);

    protected static Instance LinkPlainly(Store store, Module module)
    {
        using var linker = new Linker(store.Engine);
        return linker.Instantiate(store, module);
    }

    protected static GuestSuspendedException Suspended(Func<object?> call) => Assert.Throws<GuestSuspendedException>(() => { call(); });

    /// <summary>What a call gives, and what it costs, without stops.</summary>
    protected (object? Result, long Fuel) RunWhole(Tier tier, string text, string function, object?[] arguments, Link? link = null)
    {
        Engine engine = NewMeteringEngine(tier);
        using var store = new Store(engine) { Fuel = long.MaxValue };
        object? result = (link ?? LinkPlainly)(store, Compile(engine, text)).GetFunction(function)!.Invoke(arguments);
        return (result, store.ConsumedFuel);
    }

    /// <summary>What a call gives, and what it costs, if it's given its fuel in parts and goes on after each stop.</summary>
    protected (object? Result, long Fuel, int Stops) RunInParts(Tier tier, Hop hop, string text, string function, object?[] arguments, long part, Link? link = null)
    {
        link ??= LinkPlainly;
        int turn = 0, stops = 0;
        var engines = new Dictionary<Tier, (Engine Engine, Module Module)>();
        (Engine Engine, Module Module) EngineOf(Tier wanted)
        {
            if (engines.TryGetValue(wanted, out var known)) return known;
            Engine engine = NewMeteringEngine(wanted);
            return engines[wanted] = (engine, Compile(engine, text));
        }

        (Engine engine, Module module) = EngineOf(tier);
        Store store = new(engine) { OutOfFuelBehavior = StopBehavior.Suspend, Fuel = long.MaxValue };
        Instance instance = link(store, module);
        long startCost = store.ConsumedFuel, consumed = 0;
        store.Fuel = part;
        Func<object?> next = () => instance.GetFunction(function)!.Invoke(arguments);
        while (true)
        {
            try
            {
                object? result = next();
                consumed += store.ConsumedFuel - startCost;
                store.Dispose();
                return (result, consumed, stops);
            }
            catch (GuestSuspendedException suspension)
            {
                Assert.Equal(SuspensionReason.OutOfFuel, suspension.Reason);
                StateImage image = suspension.Image;
                Assert.NotEmpty(image.ToString());
                stops++;
                Tier turnTier = Tiers[turn++ % Tiers.Length];
                if (hop == Hop.Stay)
                {
                    store.Fuel += part;
                    Store same = store;
                    next = () => same.Resume(image, turnTier);
                    continue;
                }

                consumed += store.ConsumedFuel - startCost;
                if (hop == Hop.NewEngine) (engine, module) = EngineOf(turnTier);
                store.Dispose();
                store = new Store(engine) { OutOfFuelBehavior = StopBehavior.Suspend, Fuel = long.MaxValue };
                link(store, module);
                startCost = store.ConsumedFuel;
                // What a host function has taken may be more than a part.
                long fuel = image.Fuel!.Value + part;
                while (fuel < 0) fuel += part;
                store.Fuel = fuel;
                Store other = store;
                next = () => other.Resume(image);
            }
        }
    }

    protected static string Shown(object? result) => result switch
    {
        null => "nothing",
        object?[] many => string.Join(", ", many.Select(Shown)),
        Function function => $"function {function.Type}",
        _ => $"{result.GetType().Name} {result}",
    };
}
