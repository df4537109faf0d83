// The machine code of a code unit: a block of trampolines, one a function, and what they lead to. A trampoline first calls
// the compile stub; then it jumps to an entry of the threaded interpreter, or to compiled code. Published by one aligned
// store, so that other threads run either. Frames that are in the interpreter when code is published find it at their next loop
// header: its handler in the stream is replaced.
//
// Ownership: code lives as long as its unit. Whoever runs or can reach a function holds the unit (instances hold it, a
// store holds its instances), so when the unit is collected nothing can reach the code and the finalizer frees it. The code
// map must not hold the unit alive: compiled functions and streams refer to it weakly.

using System.Diagnostics;
using Anneal.Assembler;
using Anneal.Baseline;
using Anneal.Bytecode;
using Anneal.Templates;
using Anneal.Threaded;

namespace Anneal.Runtime;

/// <summary>The emitted side of a <see cref="CodeUnit"/>. Thread-safe.</summary>
internal sealed unsafe class UnitCode
{
    private readonly Lock gate = new();
    private readonly EmittedTier tier;
    private readonly WeakReference<CodeUnit> unit;
    private readonly CompiledFunction?[] compiled;
    private readonly ThreadedFunction?[] threaded;
    private readonly ValueList<CodeBlock> blocks = new();
    private readonly StreamArena streams = new();
    private readonly CodeBlock trampolines;
    private readonly EntryThunks thunks;
    private readonly int imported;

    // Functions whose calls go to the interpreter, and to compiled code.
    private int inThreaded;
    private int inBaseline;

    public UnitCode(EmittedTier tier, CodeUnit unit)
    {
        this.tier = tier;
        this.unit = new WeakReference<CodeUnit>(unit);
        imported = unit.Layout.Counts.ImportedFunctions;
        int own = unit.Layout.Counts.Functions - imported;
        compiled = new CompiledFunction?[own];
        threaded = new ThreadedFunction?[own];
        thunks = new EntryThunks(tier, blocks);
        trampolines = tier.Allocate(Math.Max(1, own) * X64StaticCall.Size);
        for (int i = 0; i < own; i++)
        {
            nint address = (nint)trampolines.Executable + (i * X64StaticCall.Size);
            ((ulong*)trampolines.Writable)[i] = X64StaticCall.Call(address, tier.Machine.Stubs.Compile);
        }

        Target = new CodeTarget(unit.Layout, tier.Machine.Stubs, tier.Machine.Features, tier.HardwareTraps, (nint)trampolines.Executable);
    }

    ~UnitCode()
    {
        // The constructor may have failed half-way.
        if (compiled is null || threaded is null) return;
        tier.Map.Remove(compiled, threaded);
        long bytes = trampolines.Size;
        foreach (CodeBlock block in blocks.Items)
        {
            bytes += block.Size;
            tier.Free(block);
        }

        if (trampolines.Size != 0) tier.Free(trampolines);
        streams.Free();
        tier.Journal.Freed(inThreaded, inBaseline, bytes);
    }

    /// <summary>The trampolines, by the numbers of the unit's own functions.</summary>
    public CodeBlock Trampolines => trampolines;

    /// <summary>What templates must know to emit for this unit.</summary>
    public CodeTarget Target { get; }

    /// <summary>The slot entry of one of the unit's own functions.</summary>
    public nint EntryOf(int function) => Target.TrampolineOf(function);

    /// <summary>Makes the function whose trampoline that is ready to run, in the tier that it starts in; the address to enter it at.</summary>
    /// <exception cref="CodeLimitException">The engine's limit is reached.</exception>
    /// <exception cref="OutOfMemoryException">The process's code space is full.</exception>
    public nint PrepareAt(CodeUnit owner, nint trampoline)
    {
        int function = imported + (int)((trampoline - (nint)trampolines.Executable) / X64StaticCall.Size);
        if (tier.Policy.StartsThreaded && Volatile.Read(ref compiled[function - imported]) is null && TryPredecode(owner, function, out nint entry)) return entry;
        return CompileFunction(owner, function).Start;
    }

    /// <summary>The compiled form of a function, compiled now if it isn't yet.</summary>
    /// <exception cref="CodeLimitException">The engine's limit is reached.</exception>
    /// <exception cref="OutOfMemoryException">The process's code space is full.</exception>
    public CompiledFunction CompileFunction(CodeUnit owner, int function)
    {
        ref CompiledFunction? place = ref compiled[function - imported];
        if (Volatile.Read(ref place) is { } done) return done;
        FunctionBody body = owner.BodyOf(function);
        tier.Journal.CompileStarts(owner, function);
        long start = Stopwatch.GetTimestamp();
        BaselineCompiler compiler = tier.TakeCompiler();
        try
        {
            compiler.Compile(body, Target);
            return Publish(ref place, owner, body, function, compiler, start);
        }
        finally
        {
            tier.Return(compiler);
        }
    }

    /// <summary>Compiles a hot function; null if that can't be: it's counted, and the function stays in the tier that it's in.</summary>
    public CompiledFunction? TryCompile(CodeUnit owner, int function)
    {
        try
        {
            return CompileFunction(owner, function);
        }
        catch (Exception exception) when (exception is CodeLimitException or OutOfMemoryException or CodeTooLargeException)
        {
            tier.Journal.Refused(owner, function, Tier.Baseline);
            return null;
        }
    }

    /// <summary>The function's stream, made now if it isn't there yet; null if the interpreter refuses the function.</summary>
    /// <exception cref="CodeLimitException">The engine's limit is reached.</exception>
    /// <exception cref="OutOfMemoryException">The process's code space is full.</exception>
    public ThreadedFunction? StreamOf(CodeUnit owner, int function)
    {
        ref ThreadedFunction? place = ref threaded[function - imported];
        if (Volatile.Read(ref place) is null) TryPredecode(owner, function, out _);
        return Volatile.Read(ref place);
    }

    private bool TryPredecode(CodeUnit owner, int function, out nint entry)
    {
        FunctionBody body = owner.BodyOf(function);
        long start = Stopwatch.GetTimestamp();
        Predecoder predecoder = tier.TakePredecoder();
        try
        {
            if (predecoder.TryPredecode(body, Target, tier.Handlers, tier.Policy))
            {
                entry = Publish(owner, function, body, predecoder.Result, start);
                return true;
            }
        }
        finally
        {
            tier.Return(predecoder);
        }

        tier.Journal.Refused(owner, function, Tier.Threaded);
        entry = 0;
        return false;
    }

    private nint Publish(CodeUnit owner, int function, FunctionBody body, ReadOnlySpan<byte> stream, long startedAt)
    {
        ThreadedFunction result;
        nint entry;
        lock (gate)
        {
            int index = function - imported;
            if (threaded[index] is { } other) return compiled[index]?.Start ?? other.Entry;
            byte* place = streams.Add(stream);
            result = new ThreadedFunction(unit, function, place, stream.Length, tier.Policy.IsCounting) { Entry = thunks.Add((nint)place) };
            tier.Map.Add(result);
            Volatile.Write(ref threaded[index], result);
            entry = result.Entry;
            if (compiled[index] is { } better)
            {
                if (tier.Policy.StartsThreaded) result.LeadTo(better, body, tier.Handlers);
                entry = better.Start;
            }
            else if (tier.Policy.StartsThreaded)
            {
                Patch(index, entry);
                Move(intoThreaded: 1, intoBaseline: 0);
            }
        }

        // Outside the lock: listeners to events are code of the host's.
        tier.Journal.Predecoded(owner, result, Stopwatch.GetTimestamp() - startedAt);
        return entry;
    }

    private CompiledFunction Publish(ref CompiledFunction? place, CodeUnit owner, FunctionBody body, int function, BaselineCompiler compiler, long startedAt)
    {
        // Outside the lock: it may have to wait for finalizers.
        CodeBuffer buffer = compiler.Asm.Code;
        CodeBlock block = tier.Allocate(buffer.Position);
        buffer.CopyTo(block.Writable, block.Executable);
        var result = new CompiledFunction(unit, function, (nint)block.Executable, buffer.Position, buffer.Sites, compiler.LoopEntries);
        lock (gate)
        {
            if (place is { } other)
            {
                tier.Free(block);
                return other;
            }

            int index = function - imported;
            blocks.Add(block);
            tier.Map.Add(result);
            Volatile.Write(ref place, result);
            Patch(index, result.Start);
            if (tier.Policy.StartsThreaded && threaded[index] is { } stream)
            {
                stream.LeadTo(result, body, tier.Handlers);
                Move(intoThreaded: -1, intoBaseline: 1);
            }
            else
            {
                Move(intoThreaded: 0, intoBaseline: 1);
            }
        }

        // Outside the lock: listeners to events are code of the host's.
        tier.Journal.Compiled(owner, result, Stopwatch.GetTimestamp() - startedAt);
        return result;
    }

    private void Move(int intoThreaded, int intoBaseline)
    {
        inThreaded += intoThreaded;
        inBaseline += intoBaseline;
        tier.Statistics.CountMoved(intoThreaded, intoBaseline);
    }

    private void Patch(int index, nint code)
    {
        nint address = (nint)trampolines.Executable + (index * X64StaticCall.Size);
        Volatile.Write(ref ((ulong*)trampolines.Writable)[index], X64StaticCall.Jump(address, code));
    }
}
