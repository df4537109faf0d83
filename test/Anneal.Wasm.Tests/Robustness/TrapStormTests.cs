// Many traps, on many threads, with garbage collections between, leave the process as it was; and the runtime's own uses of
// the same signals (null references, division by zero) go on working on every kind of thread.

using System.Runtime.CompilerServices;
using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class TrapStormTests : ApiTest
{
    private const string Trapping = """
        (module (memory 1)
          (import "m" "managed" (func $managed))
          (func (export "memory") (drop (i32.load (i32.const 0x7fffffff))))
          (func (export "unreachable") (unreachable))
          (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
          (func $deep (param i32) (result i32)
            (if (result i32) (local.get 0)
              (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
              (else (unreachable))))
          (func (export "deep") (param i32) (result i32) (call $deep (local.get 0)))
          (func (export "managed") (call $managed)))
        """;

    private static readonly string?[] Nothing = new string?[1];
    private static readonly int[] Zero = new int[1];

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_hundred_thousand_traps_leak_nothing(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Module module = Compile(engine, Trapping);
        Run(engine, module, 500);
        long resident = ProcessMemory.Settled();
        int mappings = ProcessMemory.Mappings;
        Run(engine, module, tier == Tier.Portable ? 5_000 : 25_000);
        Assert.InRange(ProcessMemory.Settled(), 0, resident + (64 << 20));
        Assert.InRange(ProcessMemory.Mappings, 0, mappings + 200);
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public async Task Managed_faults_still_work_on_every_kind_of_thread(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Module module = Compile(engine, Trapping);
        Exception? failure = null;
        void Try()
        {
            try
            {
                using var store = new Store(engine);
                using var linker = new Linker(engine);
                linker.Define("m", "managed", CheckManagedFaults);
                Instance instance = linker.Instantiate(store, module);
                for (int i = 0; i < 20; i++)
                {
                    CheckManagedFaults();
                    Assert.Throws<TrapException>(instance.GetFunction<Action>("memory"));
                    CheckManagedFaults();
                    Assert.Equal(TrapKind.IntegerDivideByZero, Assert.Throws<TrapException>(() => instance.GetFunction<Func<int, int, int>>("divide")(1, 0)).Kind);
                    CheckManagedFaults();
                    Assert.Throws<TrapException>(instance.GetFunction<Action>("unreachable"));
                    instance.GetFunction<Action>("managed")();
                }
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        }

        Try();
        Assert.Null(failure);
        await Task.Run(Try);
        Assert.Null(failure);
        foreach (int size in new[] { 256 << 10, 384 << 10, 1 << 20, 16 << 20 })
        {
            var thread = new Thread(Try, size);
            thread.Start();
            thread.Join();
            Assert.True(failure is null, $"stack of {size >> 10} KiB: {failure}");
        }
    }

    private static void Run(Engine engine, Module module, int rounds)
    {
        Exception? failure = null;
        var threads = new Thread[4];
        for (int t = 0; t < threads.Length; t++)
        {
            int seed = t;
            threads[t] = new Thread(() =>
            {
                try
                {
                    using var store = new Store(engine);
                    using var linker = new Linker(engine);
                    linker.Define("m", "managed", CheckManagedFaults);
                    Trap(linker.Instantiate(store, module), rounds, seed);
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads) thread.Join();
        Assert.True(failure is null, failure?.ToString());
    }

    private static void Trap(Instance instance, int rounds, int seed)
    {
        var memory = instance.GetFunction<Action>("memory");
        var unreachable = instance.GetFunction<Action>("unreachable");
        var divide = instance.GetFunction<Func<int, int, int>>("divide");
        var deep = instance.GetFunction<Func<int, int>>("deep");
        var managed = instance.GetFunction<Action>("managed");
        for (int i = 0; i < rounds; i++)
        {
            try
            {
                switch ((i + seed) % 5)
                {
                    case 0: memory(); break;
                    case 1: unreachable(); break;
                    case 2: divide(i, 0); break;
                    case 3: divide(int.MinValue, -1); break;
                    default: deep(i % 7); break;
                }

                Assert.Fail("no trap");
            }
            catch (TrapException trap)
            {
                Assert.NotEmpty(trap.Frames);
            }

            if (i % 1000 == seed) GC.Collect(seed % 3);
            if (i % 2000 == seed) managed();
        }
    }

    private static void CheckManagedFaults()
    {
        Assert.Throws<NullReferenceException>(Dereference);
        Assert.Throws<DivideByZeroException>(Divide);
        Assert.Throws<OverflowException>(DivideTooMuch);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Dereference() => _ = Nothing[0]!.Length;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Divide() => _ = 1 / Volatile.Read(ref Zero[0]);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DivideTooMuch() => _ = (int.MinValue + Volatile.Read(ref Zero[0])) / (Volatile.Read(ref Zero[0]) - 1);
}
