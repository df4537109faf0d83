// Real modules with a few bytes changed, through the whole engine: typed exceptions only; and those that still are modules run,
// on every tier, to the same result or until they are stopped. (Decoding and validation alone have tests of their own,
// with more changes.)

using System.Diagnostics;
using System.Text;
using Xunit;

namespace Anneal.Wasm.Tests.Differential;

public sealed class MutatedModuleTests
{
    private const int LargestGuest = 100_000;
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(0.3);
    private static readonly TimeSpan GuestLimit = TimeSpan.FromSeconds(1);

    public static TheoryData<string> Guests()
    {
        var names = new TheoryData<string>();
        if (Root() is not { } root)
            return names;
        foreach (FileInfo file in new DirectoryInfo(root).EnumerateFiles("*.wasm", SearchOption.AllDirectories).OrderBy(file => file.FullName))
        {
            if (file.Length <= LargestGuest)
                names.Add(Path.GetRelativePath(root, file.FullName));
        }
        return names;
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void Truncations_are_refused(string guest)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Root()!, guest));
        using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
        int step = Math.Max(1, bytes.Length / 300);
        for (int length = 0; length < bytes.Length; length += step)
        {
            Module? module = Load(engine, bytes[..length], $"{guest}, {length} bytes");
            // What stands behind the code section may be cut off at a section's end.
            module?.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void Changed_guests_do_the_same_on_every_tier(string guest)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Root()!, guest));
        int seed = FuzzSettings.Seed(fallback: guest.Length);
        var random = new Random(seed);
        using var portable = new Engine(new EngineOptions { Tier = Tier.Portable });
        using var baseline = new Engine(new EngineOptions { Tier = Tier.Baseline });
        var clock = Stopwatch.StartNew();
        for (int round = 0; round < 40 && clock.Elapsed < GuestLimit; round++)
        {
            byte[] changed = (byte[])bytes.Clone();
            for (int i = 1 + random.Next(3); i > 0; i--)
                changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            string what = $"{guest}, seed {seed}, round {round}";
            string? expected = Record(portable, changed, what);
            if (expected is null)
                continue;
            string? found = Record(baseline, changed, what);
            // A guest that is stopped is stopped anywhere.
            if (!expected.Contains("stopped", StringComparison.Ordinal) && found?.Contains("stopped", StringComparison.Ordinal) == false)
                Assert.True(expected == found, $"{what}:\n{expected}\n{found}\n{Convert.ToHexString(changed)}");
        }
    }

    // What the exported functions do with small arguments; null if the bytes are no module.
    private static string? Record(Engine engine, byte[] bytes, string what)
    {
        if (Load(engine, bytes, what) is not { } module)
            return null;
        var record = new StringBuilder();
        using (module)
        using (var store = new Store(engine, new StoreLimits { MaxTotalMemoryBytes = 256 << 20, MaxTableElements = 100_000 }))
        using (var linker = new Linker(engine))
        using (var cancellation = new CancellationTokenSource(CallLimit))
        using (store.CancelOn(cancellation.Token))
        {
            foreach (ModuleImport import in module.Imports)
            {
                if (import.Type.Function is { } type)
                    linker.Define(import.Module, import.Name, type, (_, slots) => slots.Clear());
            }
            try
            {
                Instance instance = linker.Instantiate(store, module);
                foreach ((string name, External external) in instance.Exports)
                {
                    if (external is Function function)
                        Call(record, name, function);
                }
                foreach ((_, External external) in instance.Exports)
                {
                    if (external is Memory memory)
                        record.Append($"memory {memory.Pages} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(memory.AsSpan()))}\n");
                }
            }
            catch (Exception exception) when (exception is TrapException or WasmException or StoreLimitException)
            {
                record.Append($"no instance: {exception.GetType().Name}\n");
            }
            catch (OperationCanceledException)
            {
                record.Append("stopped");
            }
        }
        return record.ToString();
    }

    private static void Call(StringBuilder record, string name, Function function)
    {
        ulong[] slots = new ulong[function.WindowSlots];
        for (int i = 0; i < function.Type.Parameters.Length; i++)
            slots[i] = function.Type.Parameters[i].IsReference ? 0 : (ulong)i + 2;
        record.Append(name);
        try
        {
            function.InvokeRaw(slots);
            for (int i = 0; i < function.Type.Results.Length; i++)
                record.Append(function.Type.Results[i].IsReference ? slots[i] == 0 ? " null" : " ref" : $" {slots[i]:x}");
        }
        catch (TrapException trap) when (trap.Kind == TrapKind.StackExhausted)
        {
            // How deep a stack is differs from tier to tier, and with it what happened before: nothing after it compares.
            record.Append(" stopped");
        }
        catch (TrapException trap)
        {
            record.Append($" {trap.Kind} {string.Join(' ', trap.Frames.Select(frame => $"{frame.FunctionIndex}@{frame.GuestOffset:x}"))}");
        }
        record.Append('\n');
    }

    private static Module? Load(Engine engine, byte[] bytes, string what)
    {
        try
        {
            return Module.FromBytes(engine, bytes);
        }
        catch (Exception exception) when (exception is MalformedModuleException or InvalidModuleException or UnsupportedFeatureException)
        {
            return null;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(what, exception);
        }
    }

    private static string? Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Anneal.slnx")))
                return Path.Combine(folder.FullName, "guests");
        }
        return null;
    }
}
