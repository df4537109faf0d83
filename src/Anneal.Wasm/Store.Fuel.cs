// Fuel of a store whose engine meters guest code. The counter is the execution's, where guest code finds it; the store has one
// execution from its first use on.

using Anneal.Runtime;

namespace Anneal.Wasm;

public sealed unsafe partial class Store
{
    // What had been consumed when the fuel was last set, and what it was set to.
    private long consumedBefore;
    private long fuelSet;

    /// <summary>
    /// The units of fuel that the store's guests may still use, 0 in a new store; see <see cref="EngineOptions.FuelMetering"/>.
    /// A guest that needs more traps with <see cref="TrapKind.OutOfFuel"/>; after more has been set, the store can be used
    /// again. Host functions may read and set it too.
    /// </summary>
    /// <exception cref="InvalidOperationException">The engine doesn't meter, or another thread is using the store.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative number is set.</exception>
    public long Fuel
    {
        get
        {
            ulong* window = HoldMetered();
            long left = execution!.State->Fuel;
            Exit(window);
            return left;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ulong* window = HoldMetered();
            consumedBefore = ConsumedNow();
            fuelSet = execution!.State->Fuel = value;
            Exit(window);
        }
    }

    /// <summary>The units of fuel used in the store since it was made; at most <see cref="long.MaxValue"/> is counted.</summary>
    /// <exception cref="InvalidOperationException">The engine doesn't meter, or another thread is using the store.</exception>
    public long ConsumedFuel
    {
        get
        {
            ulong* window = HoldMetered();
            long consumed = ConsumedNow();
            Exit(window);
            return consumed;
        }
    }

    /// <summary>Uses fuel for something that the host does on a guest's behalf. Without enough, nothing is used.</summary>
    /// <param name="amount">The units.</param>
    /// <exception cref="TrapException">Less is left: <see cref="TrapKind.OutOfFuel"/>. A host function lets it pass.</exception>
    /// <exception cref="InvalidOperationException">The engine doesn't meter, or another thread is using the store.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The amount is negative.</exception>
    public void ConsumeFuel(long amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        ulong* window = HoldMetered();
        try
        {
            execution!.Charge(amount);
        }
        catch (GuestFault fault)
        {
            throw new TrapException(fault.Kind, []);
        }
        finally
        {
            Exit(window);
        }
    }

    private ulong* HoldMetered() => Engine.Options.FuelMetering
        ? Hold()
        : throw new InvalidOperationException($"The store's engine doesn't meter fuel: {nameof(EngineOptions)}.{nameof(EngineOptions.FuelMetering)} is off.");

    private long ConsumedNow()
    {
        long used = fuelSet - execution!.State->Fuel;
        return used > long.MaxValue - consumedBefore ? long.MaxValue : consumedBefore + used;
    }
}
