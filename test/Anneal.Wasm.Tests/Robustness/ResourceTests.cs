// What the engine takes from the system it gives back, and it lives with what the system refuses: code memory, address space,
// limits of stores and engines. No page is ever writable and executable at once.

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

[Collection(WholeProcess.Name)]
public sealed class ResourceTests : ApiTest
{
    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Code_is_never_writable_where_it_runs(Tier tier, MemoryChecks checks)
    {
        List<string> before = ProcessMemory.WritableCode;
        using var stop = new ManualResetEventSlim();
        var found = new List<string>();
        var watcher = new Thread(() =>
        {
            while (!stop.IsSet) found.AddRange(ProcessMemory.WritableCode.Except(before));
        });
        watcher.Start();
        for (int i = 0; i < 100; i++) Assert.Equal(i + 100, CompileAndRun(tier, checks, i, functions: 50));
        stop.Set();
        watcher.Join();
        Assert.Empty(found);
    }

    [Theory]
    [InlineData(MemoryChecks.Hardware)]
    [InlineData(MemoryChecks.Explicit)]
    public void Code_goes_with_its_module(MemoryChecks checks)
    {
        Engine engine = NewEngine(Tier.Baseline, checks);
        for (int round = 0; round < 30; round++)
        {
            for (int i = 0; i < 20; i++) Assert.Equal(i + 100, CompileAndRun(engine, i, functions: 100));
            for (int i = 0; i < 3 && engine.Emitted!.HeldBytes != 0; i++) Collect();
            Assert.InRange(engine.Emitted!.HeldBytes, 0, 200_000);
        }

        Assert.InRange(engine.Emitted!.Statistics.CompiledBytes, 1_000_000, long.MaxValue);
    }

    // Streams, entries and handlers of the interpreter, and code that is compiled behind its back.
    [Theory]
    [InlineData(Tier.Threaded)]
    [InlineData(Tier.Auto)]
    public void What_interpreted_modules_hold_goes_with_them(Tier tier)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier, TierUpHeat = 0 });
        if (engine.Emitted is not { } emitted) return;
        int handlers = 0;
        for (int round = 0; round < 12; round++)
        {
            for (int i = 0; i < 20; i++) Assert.Equal(i + 100, CompileAndRun(engine, i, functions: 100));
            emitted.Policy.Queue?.Drain();
            for (int i = 0; i < 5 && emitted.HeldBytes != 0; i++) Collect();
            Assert.InRange(emitted.HeldBytes, 0, 200_000);
            if (round == 1) handlers = emitted.Handlers.Count;
            if (round > 1) Assert.Equal(handlers, emitted.Handlers.Count);
        }

        Assert.InRange(emitted.Statistics.PredecodedBytes, 1_000_000, long.MaxValue);
        if (tier == Tier.Auto) Assert.InRange(emitted.Statistics.Compiled, 1000, long.MaxValue);
    }

    // The map and the running code stay right while other modules' code is freed and its place used again.
    [Theory]
    [InlineData(MemoryChecks.Hardware)]
    [InlineData(MemoryChecks.Explicit)]
    public void Code_is_freed_and_reused_while_guests_run(MemoryChecks checks)
    {
        Engine engine = NewEngine(Tier.Baseline, checks);
        Exception? failure = null;
        var threads = new Thread[3];
        for (int t = 0; t < threads.Length; t++)
        {
            int seed = t;
            threads[t] = new Thread(() => failure ??= Record.Exception(() =>
            {
                for (int i = 0; i < 150; i++)
                {
                    Assert.Equal((i * 3) + seed + 100, CompileAndRun(engine, (i * 3) + seed, functions: 20 + (i % 60)));
                    if (i % 10 == seed) Collect();
                }
            }));
            threads[t].Start();
        }

        foreach (Thread thread in threads) thread.Join();
        Assert.True(failure is null, failure?.ToString());
    }

    [Fact]
    public void The_code_limit_is_kept_and_reported()
    {
        using var tiny = new Engine(new EngineOptions { Tier = Tier.Baseline, MaxCodeBytes = 0 });
        Assert.Throws<CodeLimitException>(() => CompileAndRun(tiny, 0, functions: 1));
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline, MaxCodeBytes = 20_000 });
        using var store = new Store(engine);
        using Module module = Module.FromText(engine, Chain(0, 1000));
        Instance instance = Instance.Create(store, module);
        var run = instance.GetFunction<Func<int>>("run");
        var leaf = instance.GetFunction<Func<int>>("leaf");
        Assert.Equal(100, leaf());
        var exception = Assert.Throws<CodeLimitException>(() => run());
        Assert.Contains("20000", exception.Message, StringComparison.Ordinal);
        Assert.InRange(engine.Emitted!.HeldBytes, 10_000, 20_000);
        Assert.Throws<CodeLimitException>(() => run());
        // Code that is there runs on.
        Assert.Equal(100, leaf());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Engine(new EngineOptions { MaxCodeBytes = -1 }));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Instances_come_and_go(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Module module = Compile(engine, """
            (module (memory (export "memory") 1) (table 10 funcref) (global (mut i32) (i32.const 1))
              (func (export "run") (result i32) (i32.store (i32.const 100) (i32.const 5)) (i32.load (i32.const 100))))
            """);
        Cycle(200);
        long resident = ProcessMemory.Settled();
        int mappings = ProcessMemory.Mappings;
        Cycle(10_000);
        Assert.InRange(ProcessMemory.Settled(), 0, resident + (48 << 20));
        Assert.InRange(ProcessMemory.Mappings, 0, mappings + 200);

        void Cycle(int count)
        {
            for (int i = 0; i < count; i++)
            {
                using var store = new Store(engine);
                Assert.Equal(5, Instance.Create(store, module).GetFunction<Func<int>>("run")());
            }
        }
    }

    // More memories than guarded ones fit in the address space: the rest are checked, and work the same.
    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Memories_beyond_the_address_space(Tier tier, MemoryChecks checks)
    {
        if (checks == MemoryChecks.Explicit) return;
        Engine engine = NewEngine(tier, checks);
        Module module = Compile(engine, """
            (module (memory (export "memory") 1 2)
              (func (export "run") (param i32) (result i32) (i32.load (local.get 0)))
              (func (export "grow") (result i32) (memory.grow (i32.const 1))))
            """);
        using var hoard = new AddressSpaceHoard();
        Store store = NewStore(engine);
        Instance instance = Instance.Create(store, module);
        Assert.Equal(AddressingMode.Checked, instance.GetMemory("memory")!.Linear.Mode);
        Assert.Equal(0, instance.GetFunction<Func<int, int>>("run")(65532));
        Assert.Throws<TrapException>(() => instance.GetFunction<Func<int, int>>("run")(65533));
        Assert.Throws<TrapException>(() => instance.GetFunction<Func<int, int>>("run")(-1));
        Assert.Equal(1, instance.GetFunction<Func<int>>("grow")());
        Assert.Equal(0, instance.GetFunction<Func<int, int>>("run")(65533));
        Assert.Equal(-1, instance.GetFunction<Func<int>>("grow")());
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Memories_over_two_gigabytes(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Instance instance = NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, """
            (module (memory (export "memory") 1)
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "set") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
              (func (export "get") (param i32) (result i32) (i32.load8_u (local.get 0))))
            """));
        Memory memory = instance.GetMemory("memory")!;
        if (instance.GetFunction<Func<int, int>>("grow")(65535) == -1) return; // A machine with strict accounting of memory.
        Assert.Equal(1L << 32, memory.Length);
        Assert.Equal(-1, instance.GetFunction<Func<int, int>>("grow")(1));
        instance.GetFunction<Action<int, int>>("set")(-1, 200);
        Assert.Equal(200, memory.ReadByte(uint.MaxValue));
        memory.WriteByte(3_000_000_000, 7);
        Assert.Equal(7, instance.GetFunction<Func<int, int>>("get")(unchecked((int)3_000_000_000)));
        Assert.Equal(200, memory.AsSpan((1L << 32) - 16, 16)[15]);
        Assert.Throws<InvalidOperationException>(() => memory.AsSpan().Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.AsSpan((1L << 32) - 16, 17).Length);
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Store_limits_hold_in_running_guests(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Store store = NewStore(engine, new StoreLimits { MaxMemoryBytes = 3 << 16, MaxTotalMemoryBytes = 4 << 16, MaxTableElements = 20, MaxInstances = 2 });
        Module module = Compile(engine, """
            (module (memory 1) (table 5 funcref)
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "growTable") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))
            """);
        Instance first = Instance.Create(store, module);
        Assert.Equal(-1, first.GetFunction<Func<int, int>>("grow")(3));
        Assert.Equal(-1, first.GetFunction<Func<int, int>>("grow")(-1));
        Assert.Equal(1, first.GetFunction<Func<int, int>>("grow")(2));
        Assert.Equal(-1, first.GetFunction<Func<int, int>>("growTable")(16));
        Assert.Equal(-1, first.GetFunction<Func<int, int>>("growTable")(-1));
        Assert.Equal(5, first.GetFunction<Func<int, int>>("growTable")(15));
        Instance second = Instance.Create(store, module);
        Assert.Equal(-1, second.GetFunction<Func<int, int>>("grow")(1));
        Assert.Throws<StoreLimitException>(() => Instance.Create(store, module));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Threads_that_compile_the_same_functions_at_once_agree(Tier tier, MemoryChecks checks)
    {
        for (int round = 0; round < 10; round++)
        {
            Engine engine = NewEngine(tier, checks);
            Module module = Compile(engine, Chain(round, 200));
            using var start = new Barrier(6);
            int[] results = new int[6];
            var threads = new Thread[6];
            for (int t = 0; t < threads.Length; t++)
            {
                int index = t;
                threads[t] = new Thread(() =>
                {
                    using var store = new Store(engine);
                    Instance instance = Instance.Create(store, module);
                    start.SignalAndWait();
                    for (int i = 0; i < 10; i++) results[index] = instance.GetFunction<Func<int>>("run")();
                });
                threads[t].Start();
            }

            foreach (Thread thread in threads) thread.Join();
            Assert.All(results, result => Assert.Equal(round + 100, result));
            if (engine.Emitted is { } emitted) Assert.Equal(201, tier == Tier.Baseline ? emitted.Statistics.Compiled : emitted.Statistics.Predecoded);
        }
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int CompileAndRun(Tier tier, MemoryChecks checks, int number, int functions)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier, MemoryChecks = checks });
        return CompileAndRun(engine, number, functions);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int CompileAndRun(Engine engine, int number, int functions)
    {
        using var store = new Store(engine);
        Instance instance = Instance.Create(store, Module.FromText(engine, Chain(number, functions)));
        TrapException trap = Assert.Throws<TrapException>(instance.GetFunction<Action>("trap"));
        Assert.Equal(["f" + (functions - 1).ToString(CultureInfo.InvariantCulture), "trap"], trap.Frames.Select(frame => frame.FunctionName));
        return instance.GetFunction<Func<int>>("run")();
    }

    // Functions that each call the next; the last, which is also the leaf, traps when told to.
    private static string Chain(int number, int functions)
    {
        var text = new StringBuilder("(module (memory 1)\n");
        for (int i = 0; i < functions - 1; i++)
            text.Append(CultureInfo.InvariantCulture, $"(func $f{i} (param i32) (result i32) (i32.store (i32.const {i * 4}) (local.get 0)) (call $f{i + 1} (i32.load (i32.const {i * 4}))))\n");
        text.Append(CultureInfo.InvariantCulture, $"""
            (func $f{functions - 1} (param i32) (result i32) (if (i32.eqz (local.get 0)) (then (unreachable))) (i32.add (local.get 0) (i32.const 99)))
            (func $run (export "run") (result i32) (call $f0 (i32.const {number + 1})))
            (func $leaf (export "leaf") (result i32) (call $f{functions - 1} (i32.const 1)))
            (func $trap (export "trap") (drop (call $f{functions - 1} (i32.const 0)))))
            """);
        return text.ToString();
    }

    // Takes all large pieces of the address space, so that no guarded memory can be had.
    private sealed unsafe class AddressSpaceHoard : IDisposable
    {
        private readonly List<(nint Start, nuint Length)> pieces = [];

        public AddressSpaceHoard()
        {
            // Addresses of earlier tests' memories, which making one more would get back.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            for (nuint length = (nuint)1 << 46; length >= (nuint)8 << 30; length >>= 1)
            {
                while (true)
                {
                    void* start = Libc.Map(null, length, Libc.ProtNone, Libc.MapPrivate | Libc.MapAnonymous | Libc.MapNoReserve, -1, 0);
                    if (start == Libc.MapFailed) break;
                    pieces.Add(((nint)start, length));
                }
            }
        }

        public void Dispose()
        {
            foreach ((nint start, nuint length) in pieces) _ = Libc.Unmap((void*)start, length);
        }
    }
}
