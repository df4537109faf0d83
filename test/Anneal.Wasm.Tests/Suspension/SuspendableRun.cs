using System.Globalization;
using System.Text;
using Anneal.Wasm.Wasi;

namespace Anneal.Wasm.Tests.Suspension;

/// <summary>A run of a WASI program that moves between tiers, stores and engines when it's suspended.</summary>
/// <param name="bytes">The program.</param>
/// <param name="rounds">Its argument: how long it runs.</param>
/// <param name="metered">Whether it's metered.</param>
internal sealed class SuspendableRun(byte[] bytes, int rounds, bool metered) : IDisposable
{
    private readonly Dictionary<Tier, (Engine Engine, Module Module)> engines = [];
    private readonly MemoryStream output = new();
    private long consumedBefore;
    private long owed;
    private StateImage? image;
    private Store? store;
    private Instance instance = null!;
    private Tier tier;

    public Store Store => store!;

    /// <summary>The fuel used so far.</summary>
    public long Consumed => consumedBefore + store!.ConsumedFuel;

    /// <summary>The fuel given so far.</summary>
    public long Given { get; private set; }

    /// <summary>Has the rest run in a new store of an engine of that tier.</summary>
    public void Move(Tier to)
    {
        if (store is not null)
        {
            if (metered) consumedBefore += store.ConsumedFuel;
            store.Dispose();
        }

        if (!engines.TryGetValue(to, out (Engine Engine, Module Module) place))
        {
            var engine = new Engine(new EngineOptions { Tier = to, FuelMetering = metered });
            engines.Add(to, place = (engine, Module.FromBytes(engine, bytes)));
        }

        tier = to;
        store = new Store(place.Engine) { OutOfFuelBehavior = StopBehavior.Suspend };
        using var linker = new Linker(place.Engine);
        linker.DefineWasi(new WasiOptions
        {
            Arguments = ["program", rounds.ToString(CultureInfo.InvariantCulture)],
            StandardInput = Stream.Null,
            StandardOutput = output,
            StandardError = output,
            TimeProvider = new StoppedClock(),
            RandomSource = bytes => bytes.Fill(7),
        });
        instance = linker.Instantiate(store, place.Module);
        if (metered && image is not null) owed = -image.Fuel!.Value;
    }

    /// <summary>Has the rest run in the same store, the frames in another tier.</summary>
    public void Stay(Tier with) => tier = with;

    /// <summary>Gives fuel.</summary>
    public void Give(long amount)
    {
        Given += amount;
        long wanted = store!.Fuel - owed + amount;
        owed = wanted < 0 ? -wanted : 0;
        store.Fuel = Math.Max(0, wanted);
    }

    /// <summary>The program's output and exit code; null if it's been suspended.</summary>
    public string? Start() => End(() => instance.GetFunction<Action>("_start")());

    /// <summary>As <see cref="Start"/>, for what is left.</summary>
    public string? Resume() => End(() => store!.Resume(image!, tier));

    private string? End(Action run)
    {
        int exit = 0;
        try
        {
            run();
        }
        catch (GuestSuspendedException suspended)
        {
            image = suspended.Image;
            return null;
        }
        catch (WasmExit end)
        {
            exit = end.ExitCode;
        }

        return $"{Encoding.ASCII.GetString(output.ToArray())}exit {exit}";
    }

    public void Dispose()
    {
        store?.Dispose();
        foreach ((Engine engine, Module module) in engines.Values)
        {
            module.Dispose();
            engine.Dispose();
        }

        output.Dispose();
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 1_000;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
