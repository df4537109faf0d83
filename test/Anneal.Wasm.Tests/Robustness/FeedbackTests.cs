// What the interpreter notes for a better tier: how branches go, and whether an indirect call has one target or more.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Threaded;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class FeedbackTests
{
    private const string Source = """
        (module
          (type $unary (func (param i32) (result i32)))
          (table funcref (elem $one $two))
          (func $one (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func $two (param i32) (result i32) (i32.add (local.get 0) (i32.const 2)))
          (func (export "run") (param $n i32) (param $mask i32) (result i32) (local $i i32) (local $sum i32)
            (loop $again
              (local.set $sum (call_indirect (type $unary) (local.get $sum) (i32.and (local.get $i) (local.get $mask))))
              (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
            (local.get $sum)))
        """;

    [Theory]
    [InlineData(10, 0, 1)]
    [InlineData(10, 1, 10)]
    public void Branches_and_call_targets_are_counted(int rounds, int mask, uint misses)
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Auto, SynchronousTierUp = true, TierUpHeat = int.MaxValue });
        if (engine.Emitted is null) return;
        using Module module = Module.FromText(engine, Source);
        using var store = new Store(engine);
        Instance instance = Instance.Create(store, module);
        Assert.Equal(mask == 0 ? rounds : rounds + (rounds / 2), instance.GetFunction("run")!.Invoke(rounds, mask));

        CodeUnit unit = module.CodeFor(AddressingMode.Guarded);
        FunctionBody body = unit.BodyOf(2);
        ThreadedFunction stream = engine.Emitted.CodeOf(unit).StreamOf(unit, 2)!;
        (uint Taken, uint NotTaken) branch = default;
        uint seen = 0;
        for (int pc = 0; pc < body.Code.Length; pc += OpTable.LengthAt(body.Code, pc))
        {
            (uint Taken, uint NotTaken) here = stream.BranchCountsAt(body, pc);
            branch = (branch.Taken + here.Taken, branch.NotTaken + here.NotTaken);
            seen += stream.CallMissesAt(body, pc);
        }

        Assert.Equal(((uint)rounds - 1, 1u), branch);
        Assert.Equal(misses, seen);
    }

    [Fact]
    public void The_forced_interpreter_does_not_count()
    {
        using var engine = new Engine(new EngineOptions { Tier = Tier.Threaded });
        if (engine.Emitted is null) return;
        Assert.False(engine.Emitted.Policy.IsCounting);
    }
}
