// Whole programs: each of the benchmark guests, stopped at many random places on its way, goes on in another tier each time: the
// frames in another tier in the same store, or all of it in a new store of this or another engine. What it writes and its exit
// code must be those of a run without stops. One way stops by fuel, which must add up as well, the other by another thread at
// random times, in code that isn't metered.
//
// ANNEAL_SUSPEND_POINTS sets how many stops a program gets; ANNEAL_SUSPEND_SEED the places.

using System.Globalization;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Wasm.Tests.Suspension;

public sealed class ProgramSuspensionTests(ITestOutputHelper log) : SuspensionTest
{
    // The portable tier is slow: it gets no more than this of a program's fuel at a time.
    private const long PortablePart = 300_000;

    // Those whose single round is over at once.
    private static readonly Dictionary<string, int> Rounds = new()
    {
        ["bits.wasm"] = 20_000, ["fannkuch.wasm"] = 8, ["fib.wasm"] = 22, ["nbody.wasm"] = 3_000, ["nqueens.wasm"] = 8, ["trees.wasm"] = 10, ["vmcall.wasm"] = 200, ["vmswitch.wasm"] = 20,
    };

    private static readonly int Points = int.Parse(Environment.GetEnvironmentVariable("ANNEAL_SUSPEND_POINTS") ?? "10", CultureInfo.InvariantCulture);

    private static readonly int Seed = int.Parse(Environment.GetEnvironmentVariable("ANNEAL_SUSPEND_SEED") ?? "0", CultureInfo.InvariantCulture) is not 0 and var given
        ? given
        : Environment.TickCount;

    public static TheoryData<string> Programs() => [.. Directory.GetFiles(Folder(), "*.wasm").Select(path => Path.GetFileName(path)!).Order()];

    [Theory, MemberData(nameof(Programs))]
    public void A_program_that_is_stopped_by_its_fuel_does_the_same(string program)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder(), program));
        (string expected, long total) = RunWhole(program, bytes, metered: true);
        var random = new Random(Seed);
        using var run = new SuspendableRun(bytes, Rounds.GetValueOrDefault(program, 1), metered: true);
        long[] places = [.. Enumerable.Range(0, Points).Select(_ => random.NextInt64(total)).Order()];
        int next = 1, stops = 0;
        run.Move(Tier.Threaded);
        run.Give(places[0]);
        for (string? end = run.Start(); ; end = run.Resume())
        {
            if (end is not null)
            {
                log.WriteLine($"{program}: {total} units of fuel, {stops} stops, seed {Seed}");
                Assert.Equal((expected, total), (end, run.Consumed));
                Assert.InRange(stops, Math.Min(Points, 3), int.MaxValue);
                return;
            }

            stops++;
            Tier tier = Tiers[random.Next(Tiers.Length)];
            if (random.Next(3) == 0) run.Stay(tier);
            else run.Move(tier);
            while (next < places.Length && places[next] <= run.Given) next++;
            long part = next < places.Length ? places[next] - run.Given : total;
            run.Give(tier == Tier.Portable ? Math.Min(part, PortablePart) : part);
        }
    }

    [Theory, MemberData(nameof(Programs))]
    public void A_program_that_another_thread_stops_does_the_same(string program)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder(), program));
        (string expected, _) = RunWhole(program, bytes, metered: false);
        var random = new Random(Seed);
        using var run = new SuspendableRun(bytes, Rounds.GetValueOrDefault(program, 1), metered: false);
        using var stopper = new Stopper(Points, Seed);
        int stops = 0;
        run.Move(Tier.Threaded);
        stopper.Aim(run.Store);
        for (string? end = run.Start(); ; end = run.Resume())
        {
            if (end is not null)
            {
                log.WriteLine($"{program}: {stops} stops, seed {Seed}");
                Assert.Equal(expected, end);
                return;
            }

            stops++;
            // The rest, however long, isn't the portable tier's.
            Tier tier = Tiers[random.Next(Tiers.Length)];
            if (tier == Tier.Portable && stopper.IsDone) tier = Tier.Baseline;
            if (random.Next(3) == 0) run.Stay(tier);
            else run.Move(tier);
            stopper.Aim(run.Store);
        }
    }

    private static (string Output, long Fuel) RunWhole(string program, byte[] bytes, bool metered)
    {
        using var run = new SuspendableRun(bytes, Rounds.GetValueOrDefault(program, 1), metered);
        run.Move(Tier.Baseline);
        if (metered) run.Give(long.MaxValue);
        return (run.Start()!, metered ? run.Consumed : 0);
    }

    private static string Folder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "guests", "bench");
            if (Directory.Exists(path)) return path;
        }

        throw new DirectoryNotFoundException("guests/bench");
    }
}
