// The costs of crossing the border between host and guest, measured by BenchmarkDotNet. In process: the engine's machine code
// is its own, so a process of BenchmarkDotNet's would add nothing but a second build.

using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Anneal.Wasm;

namespace Anneal.Bench;

/// <summary>Border crossings, each with the tier that runs the guest.</summary>
public class MicroBenchmarks : IDisposable
{
    /// <summary>Calls that one invocation of a loop makes; results are per call.</summary>
    private const int Loop = 10_000;

    private const string Source = """
        (module
          (import "host" "nothing" (func $nothing))
          (import "host" "add" (func $add (param i32 i32) (result i32)))
          (import "host" "raw" (func $raw (param i32 i32) (result i32)))
          (import "host" "cancel" (func $cancel))
          (memory (export "memory") 1)
          (func (export "empty"))
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "empty_loop") (param $n i32)
            (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
          (func (export "call_nothing") (param $n i32)
            (loop $again (call $nothing) (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
          (func (export "call_add") (param $n i32) (result i32) (local $sum i32)
            (loop $again
              (local.set $sum (call $add (local.get $sum) (local.get $n)))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
          (func (export "call_raw") (param $n i32) (result i32) (local $sum i32)
            (loop $again
              (local.set $sum (call $raw (local.get $sum) (local.get $n)))
              (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
          (func (export "unreachable") (unreachable))
          (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
          (func (export "cancel_and_loop") (call $cancel) (loop $forever (br $forever))))
        """;

    private global::Anneal.Engine engine = null!;
    private Module module = null!;
    private Store store = null!;
    private Linker linker = null!;
    private Memory memory = null!;
    private Action empty = null!;
    private Func<int, int, int> add = null!;
    private Function untypedAdd = null!;
    private Action<int> emptyLoop = null!;
    private Action<int> callNothing = null!;
    private Func<int, int> callAdd = null!;
    private Func<int, int> callRaw = null!;
    private Action unreachable = null!;
    private Func<int, int> load = null!;
    private Function cancelAndLoop = null!;
    private CancellationTokenSource? cancellation;

    /// <summary>The tier that runs the guest.</summary>
    [Params(Tier.Baseline, Tier.Portable)]
    public Tier Tier { get; set; }

    /// <summary>Runs the benchmarks that BenchmarkDotNet's own arguments select; all, without any.</summary>
    internal static int Run(string[] arguments)
    {
        Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance);
        IConfig config = DefaultConfig.Instance.AddJob(job).AddDiagnoser(MemoryDiagnoser.Default);
        string[] selected = arguments.Contains("--filter") ? arguments : [.. arguments, "--filter", "*"];
        return BenchmarkSwitcher.FromTypes([typeof(MicroBenchmarks)]).Run(selected, config).All(summary => !summary.HasCriticalValidationErrors) ? 0 : 1;
    }

    /// <summary>Makes the guest.</summary>
    [GlobalSetup]
    public void Setup()
    {
        engine = new global::Anneal.Engine(new EngineOptions { Tier = Tier });
        module = Module.FromText(engine, Source);
        store = new Store(engine);
        linker = new Linker(engine);
        linker.Define("host", "nothing", () => { });
        linker.Define("host", "add", (int a, int b) => a + b);
        FunctionType type = module.Imports[2].Type.Function!;
        linker.Define("host", "raw", type, (_, slots) => slots[0] = (uint)((int)slots[0] + (int)slots[1]));
        linker.Define("host", "cancel", () => cancellation!.Cancel());
        Instance instance = linker.Instantiate(store, module);
        memory = instance.GetMemory("memory")!;
        empty = instance.GetFunction<Action>("empty");
        add = instance.GetFunction<Func<int, int, int>>("add");
        untypedAdd = instance.GetFunction("add")!;
        emptyLoop = instance.GetFunction<Action<int>>("empty_loop");
        callNothing = instance.GetFunction<Action<int>>("call_nothing");
        callAdd = instance.GetFunction<Func<int, int>>("call_add");
        callRaw = instance.GetFunction<Func<int, int>>("call_raw");
        unreachable = instance.GetFunction<Action>("unreachable");
        load = instance.GetFunction<Func<int, int>>("load");
        cancelAndLoop = instance.GetFunction("cancel_and_loop")!;
    }

    /// <summary>Frees the guest.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        linker.Dispose();
        store.Dispose();
        module.Dispose();
        engine.Dispose();
    }

    /// <summary>Host → guest: no arguments.</summary>
    [Benchmark]
    public void CallGuest() => empty();

    /// <summary>Host → guest: two arguments and a result, through a typed delegate.</summary>
    [Benchmark]
    public int CallGuestAdd() => add(40, 2);

    /// <summary>Host → guest: the same, boxed.</summary>
    [Benchmark]
    public object? CallGuestBoxed() => untypedAdd.Invoke([40, 2]);

    /// <summary>One turn of a guest's loop, which the guest → host figures contain.</summary>
    [Benchmark(OperationsPerInvoke = Loop)]
    public void GuestLoop() => emptyLoop(Loop);

    /// <summary>Guest → host: a lambda without arguments.</summary>
    [Benchmark(OperationsPerInvoke = Loop)]
    public void CallHost() => callNothing(Loop);

    /// <summary>Guest → host: a lambda of two arguments and a result.</summary>
    [Benchmark(OperationsPerInvoke = Loop)]
    public int CallHostAdd() => callAdd(Loop);

    /// <summary>Guest → host: the same as a callback on raw slots.</summary>
    [Benchmark(OperationsPerInvoke = Loop)]
    public int CallHostRaw() => callRaw(Loop);

    /// <summary>Sums 64 KiB of guest memory through one span; per KiB.</summary>
    [Benchmark(OperationsPerInvoke = 64)]
    public int MemorySpan()
    {
        int sum = 0;
        foreach (byte value in memory.AsSpan(0, 1 << 16)) sum += value;
        return sum;
    }

    /// <summary>Reads one number of guest memory.</summary>
    [Benchmark]
    public int MemoryReadInt32() => memory.ReadInt32(1024);

    /// <summary>A store, an instance and a first call, of a module that is compiled already.</summary>
    [Benchmark]
    public int Instantiate()
    {
        using var fresh = new Store(engine);
        return linker.Instantiate(fresh, module).GetFunction<Func<int, int, int>>("add")(40, 2);
    }

    /// <summary>A trap of an instruction, from call to catch.</summary>
    [Benchmark]
    public TrapKind TrapUnreachable()
    {
        try
        {
            unreachable();
            throw new InvalidOperationException("no trap");
        }
        catch (TrapException trap)
        {
            return trap.Kind;
        }
    }

    /// <summary>A trap that the hardware finds (in the baseline tier), from call to catch.</summary>
    [Benchmark]
    public TrapKind TrapOutOfBounds()
    {
        try
        {
            load(-4);
            throw new InvalidOperationException("no trap");
        }
        catch (TrapException trap)
        {
            return trap.Kind;
        }
    }

    /// <summary>A guest's endless loop is cancelled: from call to catch, the token's own cost included.</summary>
    [Benchmark]
    public bool Interrupt()
    {
        using var source = new CancellationTokenSource();
        cancellation = source;
        try
        {
            cancelAndLoop.Invoke([], source.Token);
            throw new InvalidOperationException("no cancellation");
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }
}
