// Whatever a guest does to its stack, the process lives: deep and mutual recursion, huge frames, tail calls, entries nested
// in host functions; on threads with much and little stack, and on main threads under any stack limit of the system.

using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class StackExhaustionTests : ApiTest
{
    private const string Recursing = """
        (module
          (type $f (func (param i32) (result i32)))
          (import "m" "nest" (func $nest (param i32) (result i32)))
          (table 3 3 funcref) (elem (i32.const 0) $even $odd $c)
          (func $deep (export "deep") (param i32) (result i32)
            (if (result i32) (local.get 0)
              (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
              (else (i32.const 0))))
          (func (export "endless") (result i32) (call $deep (i32.const -1)))
          (func $even (param i32) (result i32) (i32.add (i32.const 1) (call_indirect (type $f) (local.get 0) (i32.const 1))))
          (func $odd (param i32) (result i32) (i32.add (i32.const 1) (call_indirect (type $f) (local.get 0) (i32.const 0))))
          (func (export "mutual") (result i32) (call $even (i32.const 0)))
          (func (export "nest") (param i32) (result i32)
            (if (result i32) (local.get 0)
              (then (i32.add (i32.const 1) (call $nest (i32.sub (local.get 0) (i32.const 1)))))
              (else (i32.const 0))))
          (func $a (param i32 i64 f64) (result i32)
            (if (result i32) (local.get 0)
              (then (return_call $b (i32.sub (local.get 0) (i32.const 1))))
              (else (i32.const 42))))
          (func $b (param i32) (result i32) (return_call_indirect (type $f) (local.get 0) (i32.const 2)))
          (func $c (param i32) (result i32) (return_call $a (local.get 0) (i64.const 1) (f64.const 2)))
          (func (export "tail") (param i32) (result i32)
            (return_call $a (local.get 0) (i64.const 1) (f64.const 2))))
        """;

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public async Task Recursion_traps_on_every_kind_of_thread(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Module module = Compile(engine, Recursing);
        Exhaust(engine, module);
        await Task.Run(() => Exhaust(engine, module));
        foreach (int size in new[] { 192 << 10, 256 << 10, 384 << 10, 1 << 20, 64 << 20 })
        {
            Exception? failure = null;
            var thread = new Thread(() => failure = Record.Exception(() => Exhaust(engine, module)), size);
            thread.Start();
            thread.Join();
            Assert.True(failure is null, $"stack of {size >> 10} KiB: {failure}");
        }
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_call_from_deep_in_the_hosts_stack_traps(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Instance instance = Instantiate(engine, Compile(engine, Recursing));
        var deep = instance.GetFunction<Func<int, int>>("deep");
        Assert.Equal(10, deep(10));
        int trapped = 0;
        var thread = new Thread(() => Descend(0), 1 << 20);
        thread.Start();
        thread.Join();
        Assert.InRange(trapped, 1, int.MaxValue);

        // As deep as .NET itself thinks wise.
        void Descend(int level)
        {
            if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) return;
            Span<byte> block = stackalloc byte[8 << 10];
            block.Fill((byte)level);
            try
            {
                Assert.Equal(3, deep(3));
            }
            catch (TrapException trap)
            {
                Assert.Equal(TrapKind.StackExhausted, trap.Kind);
                trapped++;
            }

            Descend(level + 1);
            Assert.Equal((byte)level, block[^1]);
        }
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Ten_thousand_entries_nested_through_the_host(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Instance instance = Instantiate(engine, Compile(engine, Recursing));
        Exception? failure = null;
        int result = 0;
        var thread = new Thread(() => failure = Record.Exception(() => result = instance.GetFunction<Func<int, int>>("nest")(10_000)), 256 << 20);
        thread.Start();
        thread.Join();
        Assert.True(failure is null ? result == 10_000 : failure is TrapException { Kind: TrapKind.StackExhausted }, failure?.ToString());
        // On this thread's own stack, and again after that.
        TrapException? trap = null;
        try
        {
            result = instance.GetFunction<Func<int, int>>("nest")(100_000);
        }
        catch (TrapException exception)
        {
            trap = exception;
        }

        Assert.Equal(TrapKind.StackExhausted, trap?.Kind);
        Assert.InRange(trap!.Frames.Count, 1, 1300);
        Assert.Equal(5, instance.GetFunction<Func<int, int>>("nest")(5));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Huge_frames(Tier tier, MemoryChecks checks)
    {
        var text = new StringBuilder("(module (func $huge (export \"huge\") (param i32) (result i64) (local ");
        for (int i = 0; i < 49_000; i++) text.Append("i64 ");
        text.Append(") (if (result i64) (local.get 0) (then (i64.add (local.get 40000) (call $huge (i32.sub (local.get 0) (i32.const 1))))) (else (i64.const 7)))))");
        Engine engine = NewEngine(tier, checks);
        Instance instance = NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, text.ToString()));
        var huge = instance.GetFunction<Func<int, long>>("huge");
        Assert.Equal(7, huge(30));
        for (int depth = 40; depth < 60; depth++)
        {
            TrapException? trap = Record.Exception(() => huge(depth)) as TrapException;
            if (trap is null) continue;
            Assert.Equal(TrapKind.StackExhausted, trap.Kind);
            Assert.True(depth >= 41, "a value stack of 16 MiB holds 42 such frames");
        }

        Assert.Throws<TrapException>(() => huge(60));
    }

    // Frames of many sizes around the probe's limit: each must trap, none may reach what lies behind the value stack.
    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Frames_around_the_probes_limit(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        foreach (int locals in new[] { 1, 500, 8_150, 8_180, 8_190, 8_191, 8_192, 8_193, 8_300, 20_000 })
        {
            string declared = string.Concat(Enumerable.Repeat(" i64", locals));
            Instance instance = NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, $"""
                (module (func $f (export "f") (param i32) (result i32) (local{declared})
                  (local.set {locals} (i64.const -1))
                  (i32.add (i32.const 1) (call $f (local.get 0)))))
                """));
            Assert.Equal(TrapKind.StackExhausted, Assert.Throws<TrapException>(() => instance.GetFunction<Func<int, int>>("f")(1)).Kind);
        }
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Tail_calls_need_no_stack(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Instance instance = Instantiate(engine, Compile(engine, Recursing));
        Assert.Equal(42, instance.GetFunction<Func<int, int>>("tail")(tier == Tier.Portable ? 1_000_000 : 10_000_000));
    }

    [Theory]
    [InlineData("256")]
    [InlineData("1024")]
    [InlineData("unlimited")]
    public async Task Main_threads_under_any_stack_limit(string limit)
    {
        string host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(string.Create(CultureInfo.InvariantCulture, $"ulimit -s {limit} && exec \"$0\" exec \"$1\" exhaust-stack"));
        start.ArgumentList.Add(host);
        start.ArgumentList.Add(typeof(StackExhaustionTests).Assembly.Location);
        using Process child = Process.Start(start)!;
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string output = await child.StandardOutput.ReadToEndAsync();
        string problems = await errors;
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0 && output.Contains("all trapped", StringComparison.Ordinal), $"{child.ExitCode}: {output} {problems}");
    }

    /// <summary>What the child process of the test above does on its main thread.</summary>
    internal static int ExhaustAll()
    {
        foreach (Tier tier in new[] { Tier.Portable, Tier.Threaded, Tier.Baseline })
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using Module module = Module.FromText(engine, Recursing);
            Exhaust(engine, module);
            Exhaust(engine, module);
        }

        Console.WriteLine("all trapped");
        return 0;
    }

    private static void Exhaust(Engine engine, Module module)
    {
        using var store = new Store(engine);
        using var linker = new Linker(engine);
        Instance instance = Instantiate(linker, store, module);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(TrapKind.StackExhausted, Assert.Throws<TrapException>(() => instance.GetFunction<Func<int>>("endless")()).Kind);
            Assert.Equal(TrapKind.StackExhausted, Assert.Throws<TrapException>(() => instance.GetFunction<Func<int>>("mutual")()).Kind);
            Assert.Equal(TrapKind.StackExhausted, Assert.Throws<TrapException>(() => instance.GetFunction<Func<int, int>>("nest")(200_000)).Kind);
        }
    }

    private Instance Instantiate(Engine engine, Module module) => Instantiate(NewLinker(engine), NewStore(engine), module);

    private static Instance Instantiate(Linker linker, Store store, Module module)
    {
        linker.Define("m", "nest", (Caller caller, int depth) => caller.Instance!.GetFunction<Func<int, int>>("nest")(depth));
        return linker.Instantiate(store, module);
    }
}
