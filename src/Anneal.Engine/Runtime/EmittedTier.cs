// What an engine needs to run guest code as machine code: the shared stubs, the map from addresses to functions, and the
// compilers. One an engine; the code space, stubs and signal handler behind it are the process's.

using Anneal.Baseline;

namespace Anneal.Runtime;

/// <summary>An engine's side of emitted code. Thread-safe.</summary>
internal sealed class EmittedTier
{
    private readonly Pool<BaselineCompiler> compilers = new(int.MaxValue);
    private readonly long maximumBytes;
    private long compiledFunctions;
    private long codeBytes;
    private long heldBytes;

    private EmittedTier(Machine machine, bool hardwareTraps, long maximumBytes)
    {
        this.maximumBytes = maximumBytes;
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

    /// <summary>Bytes of the code space that the engine's modules hold now.</summary>
    public long HeldBytes => Interlocked.Read(ref heldBytes);

    /// <summary>The emitted tier for these options; null, with the reason, where the machine doesn't allow one.</summary>
    public static EmittedTier? TryCreate(EngineOptions options, out string? refusal)
    {
        Machine? machine = Machine.Instance;
        refusal = Machine.Refusal;
        return machine is null
            ? null
            : new EmittedTier(machine, options.MemoryChecks == MemoryChecks.Hardware && machine.HasSignalHandler, options.MaxCodeBytes);
    }

    /// <summary>The emitted side of a code unit, made at the first request.</summary>
    public UnitCode CodeOf(CodeUnit unit)
    {
        if (unit.Emitted is { } existing) return existing;
        lock (unit) return unit.Emitted ??= new UnitCode(this, unit);
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
    }

    private bool TryAllocate(int bytes, out CodeBlock block)
    {
        block = default;
        long size = CodeSpace.BlockSize(bytes);
        if (Interlocked.Add(ref heldBytes, size) <= maximumBytes && Machine.Space.TryAllocate(bytes, out block)) return true;
        Interlocked.Add(ref heldBytes, -size);
        return false;
    }

    public BaselineCompiler TakeCompiler() => compilers.TryTake(out BaselineCompiler? compiler) ? compiler : new BaselineCompiler();

    public void Return(BaselineCompiler compiler) => compilers.TryAdd(compiler);

    public void Count(int bytes)
    {
        Interlocked.Increment(ref compiledFunctions);
        Interlocked.Add(ref codeBytes, bytes);
    }
}
