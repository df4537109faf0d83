// Runs one guest program; eBPF objects go to EbpfRun, which nothing here may touch otherwise. Nothing is disposed at the end: the process is about to go, and the system frees faster.

using Anneal.Cli.Commands;
using Anneal.Wasm;
using Anneal.Wasm.Wasi;

namespace Anneal.Cli;

/// <summary>What <c>anneal run</c> does.</summary>
internal static class GuestProgram
{
    /// <summary>Runs the program that the words name.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">It can't be started.</exception>
    /// <exception cref="UsageException">The options don't fit the program.</exception>
    public static int Run(RunWords words, ProcessStreams streams)
    {
        if (EbpfObjectFile.IsOne(words.File)) return EbpfRun.Run(words, streams);
        RunOptions options = words.ToOptions();
        if (options.HasEbpfOptions) throw new UsageException($"{options.File} is no eBPF object: --program, --type, --packet, --repeat, --map, --write and --sandbox are for those");
        return Run(options, streams);
    }

    /// <summary>Runs the program to its end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">It can't be started.</exception>
    /// <exception cref="UsageException">The options don't fit the program.</exception>
    private static int Run(RunOptions options, ProcessStreams streams)
    {
        WasiOptions wasi = WasiOf(options);
        Engine engine = Tiers.CreateEngine(options.Tier, streams, metersFuel: options.Fuel is not null);
        Module module = ModuleFile.Read(engine, options.File);
        // What is wrong with the call is said before the module's own code runs.
        ulong[]? slots = CheckEntry(module, options);
        long limit = options.MaxMemory ?? long.MaxValue;
        var store = new Store(engine, new StoreLimits { MaxMemoryBytes = limit, MaxTotalMemoryBytes = limit });
        if (options.Fuel is { } fuel) store.Fuel = fuel;
        var linker = new Linker(engine);
        linker.DefineWasi(wasi);
        if (options.UnknownImportsTrap) linker.DefineUnknownImportsAsTraps(module);
        if (options.Timeout is { } time) store.StopAfter(time);
        try
        {
            Instance instance = Instantiate(linker, store, module, options);
            if (slots is null) instance.GetFunction("_start")!.InvokeRaw([]);
            else Call(instance, options.Invoke!, slots, streams);
            return ExitCode.Success;
        }
        catch (WasmExit exit)
        {
            return exit.ExitCode;
        }
        catch (TrapException trap) when (trap.Kind == TrapKind.OutOfFuel && options.Fuel is { } given)
        {
            streams.Error.WriteLine($"{options.File}: out of fuel: of {given} units {store.Fuel} are left, too few to go on");
            return ExitCode.OutOfFuel;
        }
        catch (TrapException trap)
        {
            streams.Error.Write($"trap: {trap.Message}\n{trap.GuestBacktrace}");
            return ExitCode.Trapped;
        }
        catch (GuestTimeoutException timeout)
        {
            streams.Error.Write($"{options.File}: stopped after {timeout.Timeout.TotalSeconds} s\n{timeout.GuestBacktrace}");
            return ExitCode.TimedOut;
        }
        finally
        {
            if (options.Statistics) StatisticsTable.Print(engine.GetStatistics(), streams.Error);
        }
    }

    private static Instance Instantiate(Linker linker, Store store, Module module, RunOptions options)
    {
        try
        {
            return linker.Instantiate(store, module);
        }
        catch (LinkException exception) when (!options.UnknownImportsTrap && exception is { Found: null, Expected.Kind: ExternalKind.Function })
        {
            throw new CommandFailedException($"{options.File}: {exception.Message} (--unknown-imports trap runs it anyway)");
        }
        catch (Exception exception) when (exception is WasmException or StoreLimitException or IOException or ArgumentException or OutOfMemoryException)
        {
            throw new CommandFailedException($"{options.File}: {exception.Message}");
        }
    }

    private static void Call(Instance instance, string name, ulong[] slots, ProcessStreams streams)
    {
        // A reactor expects this before anything else.
        if (name != "_initialize" && instance.GetFunction("_initialize") is { Type: { ParameterSlots: 0, ResultSlots: 0 } } initialize)
            initialize.InvokeRaw([]);
        Function function = instance.GetFunction(name)!;
        function.InvokeRaw(slots);
        for (int i = 0; i < function.Type.Results.Length; i++) streams.Output.WriteLine(FunctionValues.Format(slots[i], function.Type.Results[i]));
    }

    // The slots for the function to invoke; null where it's a command to start.
    private static ulong[]? CheckEntry(Module module, RunOptions options)
    {
        if (options.Invoke is { } name)
        {
            FunctionType type = FindFunction(module, name)
                ?? throw new UsageException($"{options.File} exports no function \"{name}\"; anneal dump shows what it exports");
            return FunctionValues.Parse(name, type, options.Arguments);
        }

        if (FindFunction(module, "_start") is { } start)
        {
            if (start is { ParameterSlots: 0, ResultSlots: 0 }) return null;
            throw new CommandFailedException($"{options.File}: its _start is {start}, where a program's has neither parameters nor results");
        }

        throw new CommandFailedException(FindFunction(module, "_initialize") is null
            ? $"{options.File}: it exports no _start, so it's no program; --invoke FUNCTION calls a function of it"
            : $"{options.File}: it's a reactor (it exports _initialize, no _start): --invoke FUNCTION initializes it and calls a function of it");
    }

    private static FunctionType? FindFunction(Module module, string name) =>
        module.TryFindExport(name, out int index) && module.Definition.Exports[index] is { Kind: ExternalKind.Function } export
            ? module.Definition.Functions[export.Index]
            : null;

    private static WasiOptions WasiOf(RunOptions options)
    {
        var environment = new List<KeyValuePair<string, string>>();
        foreach (string entry in options.Environment)
        {
            int equals = entry.IndexOf('=');
            string name = equals < 0 ? entry : entry[..equals];
            if (name.Length == 0) throw new UsageException($"--env takes NAME=VALUE, not \"{entry}\"");
            string? value = equals < 0 ? Environment.GetEnvironmentVariable(name) : entry[(equals + 1)..];
            if (value is not null) environment.Add(new(name, value));
        }

        var directories = new List<WasiDirectory>();
        foreach (string entry in options.Directories)
        {
            int colons = entry.LastIndexOf("::", StringComparison.Ordinal);
            (string host, string guest) = colons < 0 ? (entry, entry) : (entry[..colons], entry[(colons + 2)..]);
            if (host.Length == 0 || guest.Length == 0) throw new UsageException($"--dir takes HOST or HOST::GUEST, not \"{entry}\"");
            if (!Directory.Exists(host)) throw new CommandFailedException($"{host}: there's no such folder");
            directories.Add(new WasiDirectory(host, guest));
        }

        string[] arguments = options.Invoke is null ? [options.File, .. options.Arguments] : [options.File];
        return new WasiOptions { Arguments = arguments, Environment = environment, Directories = directories };
    }
}
