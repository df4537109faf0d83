// What an engine needs to run guest code as machine code: the shared stubs, the handlers of the threaded interpreter, the map
// from addresses to functions, the compilers, and the policy that moves functions between tiers. One an engine; the code space,
// stubs, handlers and signal handler behind it are the process's.

using Anneal.Baseline;
using Anneal.Diagnostics;
using Anneal.Threaded;
using Anneal.Tiering;

namespace Anneal.Runtime;

/// <summary>An engine's side of emitted code. Thread-safe.</summary>
internal sealed unsafe class EmittedTier
{
    private readonly Pool<BaselineCompiler> compilers = new(int.MaxValue);
    private readonly Pool<Predecoder> predecoders = new(int.MaxValue);
    private readonly long maximumBytes;
    private Handlers? handlers;
    private long heldBytes;

    private EmittedTier(Machine machine, bool hardwareTraps, EngineOptions options, TierJournal journal)
    {
        maximumBytes = options.MaxCodeBytes;
        Machine = machine;
        HardwareTraps = hardwareTraps;
        Journal = journal;
        Policy = new TieringPolicy(options, journal);
    }

    /// <summary>The process's code space and stubs.</summary>
    public Machine Machine { get; }

    /// <summary>Whether faults of the hardware become traps; else code has explicit checks.</summary>
    public bool HardwareTraps { get; }

    public CodeMap Map { get; } = new();

    /// <summary>Which tier functions start in, and when they move.</summary>
    public TieringPolicy Policy { get; }

    /// <summary>Takes notice of what is done.</summary>
    public TierJournal Journal { get; }

    /// <summary>What has been done so far.</summary>
    public TierStatistics Statistics => Journal.Statistics;

    /// <summary>Whether some function has been run by the threaded interpreter.</summary>
    public bool IsThreaded => handlers is not null;

    /// <summary>The threaded interpreter's handlers.</summary>
    public Handlers Handlers => handlers ??= Machine.HandlersFor(HardwareTraps);

    /// <summary>Bytes of the code space that the engine's modules hold now.</summary>
    public long HeldBytes => Interlocked.Read(ref heldBytes);

    /// <summary>The emitted tier for these options; null, with the reason, where the machine doesn't allow one.</summary>
    public static EmittedTier? TryCreate(EngineOptions options, TierJournal journal, out string? refusal)
    {
        Machine? machine = Machine.Instance;
        refusal = Machine.Refusal;
        return machine is null
            ? null
            : new EmittedTier(machine, options.MemoryChecks == MemoryChecks.Hardware && machine.HasSignalHandler, options, journal);
    }

    /// <summary>The emitted side of a code unit, made at the first request.</summary>
    public UnitCode CodeOf(CodeUnit unit)
    {
        if (unit.Emitted is { } existing) return existing;
        UnitCode made;
        lock (unit)
        {
            if (unit.Emitted is { } other) return other;
            unit.Emitted = made = new UnitCode(this, unit);
        }

        Journal.UnitMade(unit, made.Trampolines);
        return made;
    }

    /// <summary>The kind of the site at that address of guest code.</summary>
    public bool TryFindSite(nint address, out ushort kind)
    {
        if (Map.Find(address) is CompiledFunction function) return function.TryFindSite(address, out kind, out _);
        kind = 0;
        return IsThreaded && Handlers.TryFindSite(address, out kind, out _);
    }

    /// <summary>A function or loop of the threaded interpreter is hot: 0 to go on there, else the address of code to go on in.</summary>
    public nint BecameHot(ExecutionState* state, byte* position)
    {
        // The map finds what starts before an address; a stream's first instruction is a position too.
        if (Map.Find((nint)position + 1) is not ThreadedFunction { Unit: { } unit } function)
            throw new InvalidOperationException("engine bug: a hot position that is in no stream");
        return Policy.BecameHot(CodeOf(unit), unit, function, state, position);
    }

    /// <summary>Reserves code space for a unit of the engine. Where none is left, what modules no longer in use hold is waited for.</summary>
    /// <exception cref="CodeLimitException">The engine's limit is reached.</exception>
    /// <exception cref="OutOfMemoryException">The process's code space is full.</exception>
    public CodeBlock Allocate(int bytes)
    {
        if (TryAllocate(bytes, out CodeBlock block)) return block;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (TryAllocate(bytes, out block)) return block;
        throw HeldBytes + CodeSpace.BlockSize(bytes) > maximumBytes
            ? new CodeLimitException(maximumBytes)
            : new OutOfMemoryException($"the process's code space has no room for {bytes} bytes");
    }

    /// <summary>Takes a block of the engine back. Nothing may execute or refer to it any more.</summary>
    public void Free(CodeBlock block)
    {
        Machine.Space.Free(block);
        Interlocked.Add(ref heldBytes, -block.Size);
        Statistics.CountHeld(-block.Size);
    }

    public BaselineCompiler TakeCompiler() => compilers.TryTake(out BaselineCompiler? compiler) ? compiler : new BaselineCompiler();

    public void Return(BaselineCompiler compiler) => compilers.TryAdd(compiler);

    public Predecoder TakePredecoder() => predecoders.TryTake(out Predecoder? predecoder) ? predecoder : new Predecoder();

    public void Return(Predecoder predecoder) => predecoders.TryAdd(predecoder);

    private bool TryAllocate(int bytes, out CodeBlock block)
    {
        block = default;
        long size = CodeSpace.BlockSize(bytes);
        if (Interlocked.Add(ref heldBytes, size) <= maximumBytes && Machine.Space.TryAllocate(bytes, out block))
        {
            Statistics.CountHeld(size);
            return true;
        }

        Interlocked.Add(ref heldBytes, -size);
        return false;
    }
}
