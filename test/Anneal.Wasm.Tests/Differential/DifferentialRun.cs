// Runs one module in several engines with the same calls and compares everything that can be seen: results as whole slots,
// traps with their backtraces, what the host was told, and after the last call memories, globals and tables.

using System.Security.Cryptography;
using System.Text;
using Anneal.Tiering;
using Anneal.Wasm.Text;

namespace Anneal.Wasm.Tests.Differential;

/// <param name="metered">Whether the engines meter fuel: then how much each call leaves is compared too, and now and then it runs out.</param>
internal sealed class DifferentialRun(bool metered = false) : IDisposable
{
    private const int Fuel = 400;
    private static readonly object[] HostObjects = ["a", "b", "c"];
    private readonly Engine[] engines =
    [
        new(new EngineOptions { Tier = Tier.Portable, FuelMetering = metered }),
        new(new EngineOptions { Tier = Tier.Baseline, FuelMetering = metered }),
        new(new EngineOptions { Tier = Tier.Baseline, MemoryChecks = MemoryChecks.Explicit, FuelMetering = metered }),
        new(new EngineOptions { Tier = Tier.Threaded, FuelMetering = metered }),
        new(new EngineOptions { Tier = Tier.Threaded, MemoryChecks = MemoryChecks.Explicit, FuelMetering = metered }),
        new(new EngineOptions { Tier = Tier.Auto, SynchronousTierUp = true, TierUpHeat = 1, FuelMetering = metered }),
        new(new EngineOptions { Tier = Tier.Auto, Stress = TierStress.AlternateAtLoops, FuelMetering = metered }),
        new(new EngineOptions { Tier = Tier.Auto, Stress = TierStress.SuspendAtPolls, FuelMetering = metered }),
    ];

    /// <summary>What differs between the engines; null if nothing does.</summary>
    public string? Compare(byte[] bytes, int seed)
    {
        string[] records = [.. engines.Select(engine => Record(engine, bytes, seed))];
        for (int i = 1; i < records.Length; i++)
        {
            if (records[i] != records[0])
                return $"{engines[i].Options.Tier} with {engines[i].Options.MemoryChecks} checks: {FirstDifference(records[0], records[i])}";
        }
        return null;
    }

    // The middle of a deep backtrace is left out, and a guest that was resumed in between has less of it left out.
    private static IEnumerable<GuestFrame> Ends(IReadOnlyList<GuestFrame> frames) =>
        frames.Count <= 200 ? frames : frames.Take(100).Concat(frames.TakeLast(100));

    public void Dispose()
    {
        foreach (Engine engine in engines)
            engine.Dispose();
    }

    /// <summary>One engine's account of a module: a line for each call, then the state.</summary>
    public static string Record(Engine engine, byte[] bytes, int seed)
    {
        using var module = Module.FromBytes(engine, bytes);
        return Record(engine, module, seed);
    }

    /// <summary>
    /// The same of a module that may be in use elsewhere. It's instantiated a second time, with the first instance's first
    /// function in the place of the host's if it has that type, so that calls cross instances.
    /// </summary>
    public static string Record(Engine engine, Module module, int seed)
    {
        var record = new StringBuilder();
        using var store = new Store(engine);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using IDisposable registration = store.CancelOn(cancellation.Token);
        FunctionType type = FunctionType.Create(engine, [ValueType.I64, ValueType.F64], [ValueType.I64]);
        Instance? first = null;
        int depth = 0;
        var host = Function.FromCallback(store, type, (_, slots) =>
        {
            record.Append($"  host {slots[0]:x} {slots[1]:x}\n");
            ulong answer = (slots[0] * 31) + (slots[1] >> 7);
            // Now and then the host calls back, not too deep.
            if (depth < 3 && answer % 5 == 0 && first!.GetFunction("f1") is { } function && function.Type == type)
            {
                depth++;
                try
                {
                    function.InvokeRaw(slots);
                }
                finally
                {
                    depth--;
                }
                return;
            }
            slots[0] = answer;
        });
        first = Instance.Create(store, module, host);
        Calls(record, first, [first], seed);
        Function replacement = first.GetFunction("f1")!;
        if (replacement.Type == type)
        {
            var second = Instance.Create(store, module, replacement);
            Calls(record, second, [first, second], seed + 1);
            State(record, second);
        }
        State(record, first);
        return record.ToString();
    }

    private static void Calls(StringBuilder record, Instance instance, Instance[] fueled, int seed)
    {
        var random = new Random(seed);
        foreach (ModuleExport export in instance.Module.Exports)
        {
            if (export.Type.Kind != ExternalKind.Function)
                continue;
            Function function = instance.GetFunction(export.Name)!;
            for (int i = 0; i < 3; i++)
            {
                foreach (Instance other in fueled)
                    other.GetGlobal(GeneratedModule.FuelExport)!.Set(Fuel);
                Call(record, instance, export.Name, function, random);
            }
        }
    }

    private static string FirstDifference(string portable, string other)
    {
        string[] expected = portable.Split('\n');
        string[] found = other.Split('\n');
        int line = expected.Zip(found).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"line {line + 1}\n  portable: {expected.ElementAtOrDefault(line)}\n  here:     {found.ElementAtOrDefault(line)}";
    }

    private static void Call(StringBuilder record, Instance instance, string name, Function function, Random random)
    {
        ulong[] slots = new ulong[function.WindowSlots];
        for (int i = 0; i < function.Type.Parameters.Length; i++)
            slots[i] = Argument(function.Type.Parameters[i], random, instance);
        bool metered = instance.Store.Engine.Options.FuelMetering;
        // Not from the generator, so that the arguments are those of a run without metering.
        if (metered) instance.Store.Fuel = record.Length % 3 == 0 ? record.Length % 211 : 1_000_000;
        record.Append($"{name}({string.Join(' ', function.Type.Parameters.Select((type, i) => Shown(slots[i], type)))})");
        try
        {
            function.InvokeRaw(slots);
            for (int i = 0; i < function.Type.Results.Length; i++)
                record.Append($" {Shown(slots[i], function.Type.Results[i])}");
        }
        catch (TrapException trap)
        {
            record.Append($" {trap.Kind}");
            foreach (GuestFrame frame in Ends(trap.Frames))
                record.Append($" {frame.FunctionIndex}@{frame.GuestOffset:x}");
        }
        catch (OperationCanceledException)
        {
            record.Append(" cancelled");
        }
        if (metered) record.Append($" fuel {instance.Store.Fuel}");
        record.Append('\n');
    }

    private static void State(StringBuilder record, Instance instance)
    {
        foreach ((string name, External external) in instance.Exports)
        {
            switch (external)
            {
                case Memory memory:
                    record.Append($"{name}: {memory.Pages} pages {Convert.ToHexString(SHA256.HashData(memory.AsSpan()))[..16]}\n");
                    break;
                case Global global:
                    WastResults value = new WastValues(instance.Store).Get(global);
                    record.Append($"{name}: {Shown(value.Slots[0], value.Types[0])}\n");
                    break;
                case Table table:
                    record.Append($"{name}: {table.Length}");
                    for (long i = 0; i < table.Length; i++)
                        record.Append($" {(table[i] as Function)?.Type.ToString() ?? "null"}");
                    record.Append('\n');
                    break;
            }
        }
    }

    private static ulong Argument(ValueType type, Random random, Instance instance)
    {
        ulong bits = random.Next(3) switch
        {
            0 => (ulong)random.Next(-4, 70_000),
            1 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            _ => 1ul << random.Next(64),
        };
        if (type == ValueType.FuncRef)
            return bits % 3 == 0 ? 0 : instance.Store.SlotOf(instance.GetFunction("f1"));
        if (type.IsReference)
            return bits % 3 == 0 ? 0 : instance.Store.Objects.HandleOf(HostObjects[bits % (ulong)HostObjects.Length]);
        if (type == ValueType.F64)
            return BitConverter.DoubleToUInt64Bits((long)bits / 8.0);
        if (type == ValueType.F32)
            return BitConverter.SingleToUInt32Bits((int)bits / 8.0f);
        return type == ValueType.I32 ? (uint)bits : bits;
    }

    // References are addresses, which differ from store to store.
    private static string Shown(ulong slot, ValueType type) => type.IsReference ? slot == 0 ? "null" : "ref" : slot.ToString("x");
}
