// What an engine needs to run guest code as machine code: the shared stubs, the map from addresses to functions, and the
// compilers. One an engine; the code space, stubs and signal handler behind it are the process's.

using System.Collections.Concurrent;
using Anneal.Baseline;

namespace Anneal.Runtime;

/// <summary>An engine's side of emitted code. Thread-safe.</summary>
internal sealed class EmittedTier
{
    private readonly ConcurrentBag<BaselineCompiler> compilers = [];
    private long compiledFunctions;
    private long codeBytes;

    private EmittedTier(Machine machine, bool hardwareTraps)
    {
        Machine = machine;
        HardwareTraps = hardwareTraps;
    }

    /// <summary>The process's code space and stubs.</summary>
    public Machine Machine { get; }

    /// <summary>Whether faults of the hardware become traps; else code has explicit checks.</summary>
    public bool HardwareTraps { get; }

    public CodeMap Map { get; } = new();

    /// <summary>Functions compiled so far.</summary>
    public long CompiledFunctions => Interlocked.Read(ref compiledFunctions);

    /// <summary>Bytes of machine code emitted so far.</summary>
    public long CodeBytes => Interlocked.Read(ref codeBytes);

    /// <summary>The emitted tier for these options; null, with the reason, where the machine doesn't allow one.</summary>
    public static EmittedTier? TryCreate(EngineOptions options, out string? refusal)
    {
        Machine? machine = Machine.Instance;
        refusal = Machine.Refusal;
        return machine is null
            ? null
            : new EmittedTier(machine, options.MemoryChecks == MemoryChecks.Hardware && machine.HasSignalHandler);
    }

    /// <summary>The emitted side of a code unit, made at the first request.</summary>
    public UnitCode CodeOf(CodeUnit unit)
    {
        if (unit.Emitted is { } existing) return existing;
        lock (unit) return unit.Emitted ??= new UnitCode(this, unit);
    }

    public BaselineCompiler TakeCompiler() => compilers.TryTake(out BaselineCompiler? compiler) ? compiler : new BaselineCompiler();

    public void Return(BaselineCompiler compiler) => compilers.Add(compiler);

    public void Count(int bytes)
    {
        Interlocked.Increment(ref compiledFunctions);
        Interlocked.Add(ref codeBytes, bytes);
    }
}
