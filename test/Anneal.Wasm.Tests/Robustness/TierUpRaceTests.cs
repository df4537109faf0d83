// Many threads run one module while its functions move from the interpreter to compiled code under them: by calls, and in the
// middle of loops. Each thread has a store; code, streams and heat are shared.

using Xunit;
using Xunit.Abstractions;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class TierUpRaceTests(ITestOutputHelper output)
{
    private const int Threads = 6;

    // A loop of loops over calls, some through a table whose entry changes, and one that traps now and then.
    private const string Source = """
        (module
          (type $step (func (param i64 i32) (result i64)))
          (memory 1)
          (table $steps 2 funcref)
          (elem (i32.const 0) $add $mix)
          (func $add (param i64 i32) (result i64) (i64.add (local.get 0) (i64.extend_i32_u (local.get 1))))
          (func $mix (param i64 i32) (result i64) (local i32)
            (loop $l
              (local.set 0 (i64.mul (i64.xor (local.get 0) (i64.const 0x9e3779b97f4a7c15)) (i64.const 31)))
              (br_if $l (i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 1))) (i32.const 5))))
            (i64.add (local.get 0) (i64.extend_i32_u (local.get 1))))
          (func $inner (param $n i32) (param $sum i64) (result i64) (local $i i32)
            (loop $l
              (local.set $sum (call_indirect $steps (type $step) (local.get $sum) (local.get $i) (i32.and (local.get $i) (i32.const 1))))
              (i64.store (i32.and (i32.shl (local.get $i) (i32.const 3)) (i32.const 0xfff8)) (local.get $sum))
              (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
            (local.get $sum))
          (func (export "run") (param $rounds i32) (param $n i32) (result i64) (local $sum i64)
            (loop $l
              (local.set $sum (call $inner (local.get $n) (local.get $sum)))
              (br_if $l (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
            (local.get $sum))
          (func (export "trap") (param $n i32) (result i64) (drop (call $inner (local.get $n) (i64.const 0))) (i64.load (i32.const -1))))
        """;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    public void Threads_get_the_right_answers_while_code_moves_up(int heat)
    {
        using var portable = new Engine(new EngineOptions { Tier = Tier.Portable });
        long expected = Run(portable, Module.FromText(portable, Source));
        long entries = 0;
        for (int round = 0; round < 25; round++)
        {
            using var engine = new Engine(new EngineOptions { Tier = Tier.Auto, TierUpHeat = heat });
            Module module = Module.FromText(engine, Source);
            using var start = new Barrier(Threads);
            long[] results = new long[Threads];
            Exception? failure = null;
            var threads = new Thread[Threads];
            for (int t = 0; t < Threads; t++)
            {
                int index = t;
                threads[t] = new Thread(() => failure ??= Record.Exception(() =>
                {
                    start.SignalAndWait();
                    results[index] = Run(engine, module);
                }));
                threads[t].Start();
            }

            foreach (Thread thread in threads) thread.Join();
            Assert.True(failure is null, failure?.ToString());
            Assert.All(results, result => Assert.Equal(expected, result));
            entries += engine.GetStatistics().OsrEntries;
            GC.KeepAlive(module);
        }

        output.WriteLine($"{entries} frames moved up in a loop");
    }

    private static long Run(Engine engine, Module module)
    {
        using var store = new Store(engine);
        Instance instance = Instance.Create(store, module);
        var run = instance.GetFunction<Func<int, int, long>>("run");
        long sum = 0;
        for (int i = 1; i < 12; i++)
        {
            sum = (sum * 7) + run(3, 20 * i);
            TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction<Func<int, long>>("trap")(i));
            Assert.Equal(TrapKind.MemoryOutOfBounds, trap.Kind);
            Assert.Single(trap.Frames);
        }

        return sum;
    }
}
