// How long a guest goes on after it was told to stop: from CancellationTokenSource.Cancel, or from the time that its deadline
// says, to the exception in the hands of the caller. A thread of its own makes the calls; the main thread cancels at random
// moments. What is waited for is each thing that can keep a guest from looking: loops, calls, bulk operations, waits. The first
// row is no guest but a .NET loop that looks at the token, and at a timer of its own: what the machine itself takes, busy as it is.

using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Anneal.Wasm;
using Anneal.Wasm.Wasi;

namespace Anneal.Bench;

/// <summary>Latency of cancellation and deadlines, by tier and by what the guest is doing.</summary>
internal static class LatencyBenchmark
{
    /// <summary>What the 99th percentile must stay under.</summary>
    private const double GoalMilliseconds = 10;

    // The 1 GiB of memory is touched once before anything is measured.
    private const string Source = """
        (module
          (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 16384)
          (table $t 10000000 funcref)
          (elem declare func $leaf)
          (func (export "prepare")
            (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x40000000))
            (table.fill $t (i32.const 0) (ref.func $leaf) (i32.const 10000000)))
          (func (export "loop") (local i64)
            (loop $l (local.set 0 (i64.add (local.get 0) (i64.const 1))) (br_if $l (i64.ne (local.get 0) (i64.const -1)))))
          (func $leaf)
          (func (export "calls") (loop (call $leaf) (br 0)))
          (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))
          (func (export "recursion") (loop (call $deep (i32.const 20000)) (br 0)))
          (func (export "memory.fill") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x40000000)) (br 0)))
          (func (export "memory.copy") (loop (memory.copy (i32.const 1) (i32.const 0) (i32.const 0x3fffffff)) (br 0)))
          (func (export "table.fill") (loop (table.fill $t (i32.const 0) (ref.func $leaf) (i32.const 10000000)) (br 0)))
          (func (export "table.copy") (loop (table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 9999999)) (br 0)))
          (func (export "sleep")
            (memory.fill (i32.const 0) (i32.const 0) (i32.const 48))
            (i32.store (i32.const 16) (i32.const 1))
            (i64.store (i32.const 24) (i64.const 0x7fffffffffffffff))
            (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))))
          (func (export "stdin")
            (i32.store (i32.const 256) (i32.const 512))
            (i32.store (i32.const 260) (i32.const 16))
            (drop (call $read (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 300)))))
        """;

    private static readonly string[] Ways =
        ["loop", "calls", "recursion", "memory.fill", "memory.copy", "table.fill", "table.copy", "sleep", "stdin"];

    /// <summary>Measures and prints a table.</summary>
    /// <returns>1 if a 99th percentile misses the goal.</returns>
    public static int Run(IReadOnlyList<string> tiers, int samples)
    {
        // The process's own standard input becomes a pipe that nobody writes to.
        int[] ends = new int[2];
        if (Pipe(ends) != 0 || Duplicate(ends[0], 0) != 0) throw new BenchException("no pipe for standard input");
        Console.WriteLine($"milliseconds from cancelling, or from the deadline, to the exception; {samples} samples each");
        Console.WriteLine();
        Console.WriteLine("| tier | guest | cancel p50 | p99 | max | deadline p50 | p99 | max |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        Print("-", ".NET loop", Control.Cancel(samples), Control.Expire(samples));
        bool met = true;
        foreach (string name in tiers)
        {
            if (!Enum.TryParse(name, ignoreCase: true, out Tier tier)) throw new BenchException($"there's no tier \"{name}\"");
            using var guest = new Guest(tier, null);
            using var piped = new Guest(tier, new Pipe().Reader.AsStream());
            foreach (string way in Ways) met &= Measure(guest, name, way, way, samples);
            met &= Measure(piped, name, "stdin", "stdin (Stream)", samples);
        }

        if (!met) Console.WriteLine($"\na 99th percentile is not under {GoalMilliseconds} ms");
        return met ? 0 : 1;
    }

    private static bool Measure(Guest guest, string tier, string way, string title, int samples)
    {
        double[] cancel = guest.Cancel(way, samples), deadline = guest.Expire(way, samples);
        Print(tier, title, cancel, deadline);
        return At(cancel, 0.99) < GoalMilliseconds && At(deadline, 0.99) < GoalMilliseconds;
    }

    private static void Print(string tier, string title, double[] cancel, double[] deadline) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {tier} | {title} | {At(cancel, 0.5):0.000} | {At(cancel, 0.99):0.000} | {cancel[^1]:0.000} | {At(deadline, 0.5):0.000} | {At(deadline, 0.99):0.000} | {deadline[^1]:0.000} |"));

    // The samples are sorted.
    private static double At(double[] samples, double quantile) => samples[(int)Math.Ceiling(samples.Length * quantile) - 1];

    [DllImport("libc", EntryPoint = "pipe")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Pipe(int[] ends);

    [DllImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Duplicate(int from, int to);

    private static class Control
    {
        public static double[] Cancel(int samples)
        {
            var random = new Random(1);
            return Sorted(samples, () =>
            {
                using var source = new CancellationTokenSource();
                using var running = new ManualResetEventSlim();
                long stopped = 0;
                var thread = new Thread(() =>
                {
                    running.Set();
                    while (!source.IsCancellationRequested)
                    {
                    }

                    stopped = Stopwatch.GetTimestamp();
                });
                thread.Start();
                running.Wait();
                Thread.Sleep(random.Next(1, 5));
                long begin = Stopwatch.GetTimestamp();
                source.Cancel();
                thread.Join();
                return Stopwatch.GetElapsedTime(begin, stopped).TotalMilliseconds;
            });
        }

        public static double[] Expire(int samples)
        {
            var random = new Random(1);
            return Sorted(samples, () =>
            {
                int timeout = random.Next(1, 5);
                long begin = Stopwatch.GetTimestamp();
                bool due = false;
                var timer = new Thread(() =>
                {
                    Thread.Sleep(timeout);
                    Volatile.Write(ref due, true);
                });
                timer.Start();
                while (!Volatile.Read(ref due))
                {
                }

                return Stopwatch.GetElapsedTime(begin).TotalMilliseconds - timeout;
            });
        }

        private static double[] Sorted(int samples, Func<double> sample)
        {
            double[] latencies = new double[samples];
            for (int i = -3; i < samples; i++)
            {
                double latency = sample();
                if (i >= 0) latencies[i] = latency;
            }

            Array.Sort(latencies);
            return latencies;
        }
    }

    private sealed class Guest : IDisposable
    {
        private readonly global::Anneal.Engine engine;
        private readonly Module module;
        private readonly Linker linker;
        private readonly Store store;
        private readonly Instance instance;
        private readonly Random random = new(1);

        public Guest(Tier tier, Stream? input)
        {
            engine = new global::Anneal.Engine(new EngineOptions { Tier = tier });
            module = Module.FromText(engine, Source);
            linker = new Linker(engine);
            linker.DefineWasi(new WasiOptions { StandardInput = input });
            store = new Store(engine);
            instance = linker.Instantiate(store, module);
            instance.GetFunction<Action>("prepare")();
        }

        public double[] Cancel(string way, int samples)
        {
            Action call = instance.GetFunction<Action>(way);
            double[] latencies = new double[samples];
            for (int i = -3; i < samples; i++)
            {
                using var source = new CancellationTokenSource();
                using IDisposable registration = store.CancelOn(source.Token);
                using var running = new ManualResetEventSlim();
                long stopped = 0;
                var thread = new Thread(() =>
                {
                    running.Set();
                    try
                    {
                        call();
                    }
                    catch (OperationCanceledException)
                    {
                        stopped = Stopwatch.GetTimestamp();
                    }
                });
                thread.Start();
                running.Wait();
                Thread.Sleep(random.Next(1, 5));
                long begin = Stopwatch.GetTimestamp();
                source.Cancel();
                thread.Join();
                if (stopped == 0) throw new BenchException($"{way} wasn't cancelled");
                if (i >= 0) latencies[i] = Stopwatch.GetElapsedTime(begin, stopped).TotalMilliseconds;
            }

            Array.Sort(latencies);
            return latencies;
        }

        public double[] Expire(string way, int samples)
        {
            Action call = instance.GetFunction<Action>(way);
            double[] latencies = new double[samples];
            for (int i = -3; i < samples; i++)
            {
                store.CallTimeout = TimeSpan.FromMicroseconds(random.Next(1000, 5000));
                long begin = Stopwatch.GetTimestamp();
                try
                {
                    call();
                    throw new BenchException($"{way} wasn't stopped");
                }
                catch (GuestTimeoutException exception)
                {
                    if (i >= 0) latencies[i] = (Stopwatch.GetElapsedTime(begin) - exception.Timeout).TotalMilliseconds;
                }
            }

            store.CallTimeout = Timeout.InfiniteTimeSpan;
            Array.Sort(latencies);
            return latencies;
        }

        public void Dispose()
        {
            linker.Dispose();
            store.Dispose();
            module.Dispose();
            engine.Dispose();
        }
    }
}
