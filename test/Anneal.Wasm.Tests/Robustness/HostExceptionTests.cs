// What a host function throws comes out of the host's call into the guest: the same object, with its stack trace, whatever
// guest frames and nested entries are between. Traps gather the guest frames of all entries that they pass.

using System.Runtime.CompilerServices;
using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class HostExceptionTests : ApiTest
{
    private const string Nesting = """
        (module
          (import "m" "host" (func $host (param i32) (result i32)))
          (import "m" "tailed" (func $tailed (param i32) (result i32)))
          (memory (export "memory") 1)
          (table funcref (elem $host))
          (type $f (func (param i32) (result i32)))
          (func $guest (export "guest") (param i32) (result i32)
            (i32.add (i32.const 1) (call $inner (local.get 0))))
          (func $inner (param i32) (result i32)
            (i32.add (i32.const 1) (call $host (local.get 0))))
          (func (export "indirect") (param i32) (result i32)
            (i32.add (i32.const 1) (call_indirect (type $f) (local.get 0) (i32.const 0))))
          (func $tail (export "tail") (param i32) (result i32) (return_call $tailed (local.get 0)))
          (func $callsTail (export "callsTail") (param i32) (result i32) (i32.add (i32.const 1) (call $tail (local.get 0))))
          (func $tailIndirect (export "tailIndirect") (param i32) (result i32)
            (return_call_indirect (type $f) (local.get 0) (i32.const 0)))
          (func $trap (export "trap") (unreachable)))
        """;

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void The_same_exception_comes_out(Tier tier, MemoryChecks checks)
    {
        var thrown = new InvalidTimeZoneException("mine");
        Instance instance = Start(tier, checks, (caller, depth) => depth == 0 ? Throw(thrown) : caller.GetFunction("guest")!.Wrap<Func<int, int>>()(depth - 1));
        for (int depth = 0; depth < 5; depth++)
        {
            var caught = Assert.Throws<InvalidTimeZoneException>(() => instance.GetFunction<Func<int, int>>("guest")(depth));
            Assert.Same(thrown, caught);
            Assert.Contains(nameof(Throw), caught.StackTrace, StringComparison.Ordinal);
        }

        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => instance.GetFunction<Func<int, int>>("indirect")(0)));
        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => instance.GetFunction<Func<int, int>>("tail")(0)));
        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => instance.GetFunction<Func<int, int>>("callsTail")(0)));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_host_function_may_catch_and_go_on(Tier tier, MemoryChecks checks)
    {
        Instance instance = Start(tier, checks, (caller, depth) =>
        {
            if (depth == 0) return Throw(new InvalidTimeZoneException());
            try
            {
                return caller.GetFunction("guest")!.Wrap<Func<int, int>>()(depth - 1);
            }
            catch (InvalidTimeZoneException)
            {
                return 100;
            }
        });
        Assert.Equal(102, instance.GetFunction<Func<int, int>>("guest")(1));
        Assert.Equal(106, instance.GetFunction<Func<int, int>>("guest")(3));
        Assert.Throws<InvalidTimeZoneException>(() => instance.GetFunction<Func<int, int>>("guest")(0));
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Traps_gather_the_frames_of_all_entries(Tier tier, MemoryChecks checks)
    {
        Instance instance = Start(tier, checks, (caller, depth) =>
        {
            if (depth == 0) caller.GetFunction("trap")!.Invoke();
            return caller.GetFunction("guest")!.Wrap<Func<int, int>>()(depth - 1);
        });
        TrapException trap = Assert.Throws<TrapException>(() => instance.GetFunction<Func<int, int>>("guest")(1));
        Assert.Equal(TrapKind.Unreachable, trap.Kind);
        Assert.Equal(["trap", "inner", "guest", "inner", "guest"], trap.Frames.Select(frame => frame.FunctionName));
        Assert.Equal(trap.Frames[1], trap.Frames[3]);
    }

    // A tail call leaves no frame: neither for a backtrace nor, which is worse, to find the calling instance by.
    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void A_tail_called_host_function_knows_its_caller(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Store store = NewStore(engine);
        Linker linker = NewLinker(engine);
        var callers = new List<Instance?>();
        linker.Define("m", "host", (Caller caller, int value) => { callers.Add(caller.Instance); return value; });
        linker.Define("m", "tailed", (Caller caller, int value) =>
        {
            callers.Add(caller.Instance);
            return value >= 0 ? caller.GetMemory()!.ReadByte(0) : throw new TrapException(TrapKind.OutOfFuel, []);
        });
        Instance inner = linker.Instantiate(store, Compile(engine, Nesting));
        inner.GetMemory("memory")!.WriteByte(0, 77);
        Instance outer = Instance.Create(store, Compile(engine, """
            (module (import "inner" "tail" (func $tail (param i32) (result i32)))
              (memory (export "memory") 1)
              (func $direct (export "direct") (param i32) (result i32) (i32.add (i32.const 1) (call $tail (local.get 0))))
              (func (export "tail") (param i32) (result i32) (return_call $tail (local.get 0))))
            """), inner.GetFunction("tail")!);
        Assert.Equal(77, inner.GetFunction<Func<int, int>>("tail")(1));
        Assert.Equal(78, inner.GetFunction<Func<int, int>>("callsTail")(1));
        Assert.Equal(78, outer.GetFunction<Func<int, int>>("direct")(1));
        Assert.Equal(77, outer.GetFunction<Func<int, int>>("tail")(1));
        Assert.Equal(5, inner.GetFunction<Func<int, int>>("tailIndirect")(5));
        Assert.Equal(3, inner.GetFunction<Func<int, int>>("guest")(1));
        Assert.All(callers, caller => Assert.Same(inner, caller));
        TrapException trap = Assert.Throws<TrapException>(() => outer.GetFunction<Func<int, int>>("direct")(-1));
        Assert.Equal(["direct"], trap.Frames.Select(frame => frame.FunctionName));
        Assert.Empty(Assert.Throws<TrapException>(() => outer.GetFunction<Func<int, int>>("tail")(-1)).Frames);
        trap = Assert.Throws<TrapException>(() => inner.GetFunction<Func<int, int>>("callsTail")(-1));
        Assert.Equal(["callsTail"], trap.Frames.Select(frame => frame.FunctionName));
    }

    // Between stores: the inner store's trap passes the outer store's guest frames.
    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void Traps_pass_through_another_store(Tier tier, MemoryChecks checks)
    {
        Instance second = Start(tier, checks, (_, depth) => depth);
        Instance first = Start(tier, checks, (_, depth) =>
        {
            second.GetFunction("trap")!.Invoke();
            return depth;
        });
        TrapException trap = Assert.Throws<TrapException>(() => first.GetFunction<Func<int, int>>("guest")(1));
        Assert.Equal(["trap", "inner", "guest"], trap.Frames.Select(frame => frame.FunctionName));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Throw(Exception exception) => throw exception;

    private Instance Start(Tier tier, MemoryChecks checks, Func<Caller, int, int> host)
    {
        Engine engine = NewEngine(tier, checks);
        Linker linker = NewLinker(engine);
        linker.Define("m", "host", host);
        linker.Define("m", "tailed", host);
        return linker.Instantiate(NewStore(engine), Compile(engine, Nesting));
    }
}
