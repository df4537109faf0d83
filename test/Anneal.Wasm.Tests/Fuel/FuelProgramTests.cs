// Whole programs: the benchmark guests, run as WASI programs with a clock that stands still, use the same fuel on every tier,
// and where it runs out first, they stop at the same instruction with the same rest.

using System.Text;
using Anneal.Wasm.Tests.Api;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Fuel;

public sealed class FuelProgramTests : FuelTest
{
    private static readonly long[] Budgets = [1_000, 123_457, 1_000_003];

    public static TheoryData<string> Programs() => [.. Directory.GetFiles(Folder(), "*.wasm").Select(path => Path.GetFileName(path)!).Order()];

    [Theory, MemberData(nameof(Programs))]
    public void A_program_uses_the_same_fuel_on_every_tier(string program)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder(), program));
        foreach (long budget in Budgets)
        {
            string expected = Account(Tier.Portable, MemoryChecks.Hardware, bytes, budget);
            foreach (Tier tier in TestTiers.All) Assert.Equal(expected, Account(tier, MemoryChecks.Hardware, bytes, budget));
            Assert.Equal(expected, Account(Tier.Baseline, MemoryChecks.Explicit, bytes, budget));
            Assert.Equal(expected, Account(Tier.Auto, MemoryChecks.Hardware, bytes, budget));
        }
    }

    [Theory, MemberData(nameof(TestTiers.All), MemberType = typeof(TestTiers))]
    public void Wasi_calls_pay_for_the_length_of_their_buffers(Tier tier)
    {
        const string text = """
            (module
              (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
              (memory (export "memory") 1)
              (func (export "write") (param i32) (result i32)
                (i32.store (i32.const 0) (i32.const 1024))
                (i32.store (i32.const 4) (local.get 0))
                (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
              (func (export "random") (param i32) (result i32) (call $random (i32.const 1024) (local.get 0))))
            """;
        Store store = NewMeteredStore(tier);
        Instance instance = Instantiate(store, text, linker => linker.DefineWasi(Options(new MemoryStream())));
        var write = instance.GetFunction<Func<int, int>>("write");
        var random = instance.GetFunction<Func<int, int>>("random");
        Assert.Equal(11 + 16, Cost(store, () => write(0)));
        Assert.Equal(11 + 16 + 1, Cost(store, () => write(1)));
        Assert.Equal(11 + 16 + 1, Cost(store, () => write(64)));
        Assert.Equal(11 + 16 + 2, Cost(store, () => write(65)));
        Assert.Equal(3 + 16 + 4, Cost(store, () => random(256)));
        // What can't be moved counts no more than the memory has, and with too little fuel nothing is moved.
        Assert.Equal(11 + 16 + 1024, Cost(store, () => write(-1)));
        store.Fuel = 11 + 16;
        Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(() => write(1)).Kind);
        Assert.Equal(0, store.Fuel);
    }

    private static long Cost(Store store, Func<int> call)
    {
        long before = store.ConsumedFuel;
        call();
        return store.ConsumedFuel - before;
    }

    private static string Account(Tier tier, MemoryChecks checks, byte[] bytes, long fuel)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier, MemoryChecks = checks, FuelMetering = true });
        using var module = Module.FromBytes(engine, bytes);
        using var store = new Store(engine);
        using var linker = new Linker(engine);
        using var output = new MemoryStream();
        linker.DefineWasi(Options(output));
        store.Fuel = fuel;
        string end = "done";
        try
        {
            linker.Instantiate(store, module).GetFunction<Action>("_start")();
        }
        catch (WasmExit exit)
        {
            end = $"exit {exit.ExitCode}";
        }
        catch (TrapException trap)
        {
            end = $"{trap.Kind} {string.Join(' ', trap.Frames.Select(frame => $"{frame.FunctionIndex}@{frame.GuestOffset:x}"))}";
        }

        return $"{Encoding.ASCII.GetString(output.ToArray())}{store.Fuel} left, {store.ConsumedFuel} used: {end}";
    }

    private static WasiOptions Options(Stream output) => new()
    {
        Arguments = ["program", "1"],
        StandardInput = Stream.Null,
        StandardOutput = output,
        StandardError = output,
        TimeProvider = new StoppedClock(),
        RandomSource = bytes => bytes.Fill(7),
    };

    private static string Folder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "guests", "bench");
            if (Directory.Exists(path)) return path;
        }

        throw new DirectoryNotFoundException("guests/bench");
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 1_000;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
