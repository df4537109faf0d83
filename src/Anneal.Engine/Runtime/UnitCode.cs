// The machine code of a code unit: a block of trampolines, one a function, and the functions compiled so far. A trampoline
// first calls the compile stub; once a function is compiled it jumps to its code. Published by one aligned store, so that
// other threads run either.
//
// Ownership: code lives as long as its unit. Whoever runs or can reach a function holds the unit (instances hold it, a
// store holds its instances), so when the unit is collected nothing can reach the code and the finalizer frees it. The code
// map must not hold the unit alive: compiled functions refer to it weakly.

using Anneal.Assembler;
using Anneal.Baseline;
using Anneal.Bytecode;
using Anneal.Templates;

namespace Anneal.Runtime;

/// <summary>The emitted side of a <see cref="CodeUnit"/>. Thread-safe.</summary>
internal sealed unsafe class UnitCode
{
    private readonly Lock gate = new();
    private readonly EmittedTier tier;
    private readonly WeakReference<CodeUnit> unit;
    private readonly CompiledFunction?[] compiled;
    private readonly ValueList<CodeBlock> blocks = new();
    private readonly CodeBlock trampolines;
    private readonly int imported;

    public UnitCode(EmittedTier tier, CodeUnit unit)
    {
        this.tier = tier;
        this.unit = new WeakReference<CodeUnit>(unit);
        imported = unit.Layout.Counts.ImportedFunctions;
        int own = unit.Layout.Counts.Functions - imported;
        compiled = new CompiledFunction?[own];
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
        if (compiled is null) return;
        tier.Map.Remove(compiled);
        foreach (CodeBlock block in blocks.Items) tier.Free(block);
        if (trampolines.Size != 0) tier.Free(trampolines);
    }

    /// <summary>What templates must know to emit for this unit.</summary>
    public CodeTarget Target { get; }

    /// <summary>The slot entry of one of the unit's own functions.</summary>
    public nint EntryOf(int function) => Target.TrampolineOf(function);

    /// <summary>Compiles a function if it isn't yet; the address of its code.</summary>
    /// <exception cref="CodeLimitException">The engine's limit is reached.</exception>
    /// <exception cref="OutOfMemoryException">The process's code space is full.</exception>
    public nint Compile(CodeUnit owner, int function) => CompileFunction(owner, function).Start;

    /// <summary>Compiles the function whose trampoline that is; the address of its code.</summary>
    public nint CompileAt(CodeUnit owner, nint trampoline) =>
        Compile(owner, imported + (int)((trampoline - (nint)trampolines.Executable) / X64StaticCall.Size));

    /// <summary>The compiled form of a function, compiled now if it isn't yet.</summary>
    public CompiledFunction CompileFunction(CodeUnit owner, int function)
    {
        ref CompiledFunction? place = ref compiled[function - imported];
        if (Volatile.Read(ref place) is { } done) return done;
        FunctionBody body = owner.BodyOf(function);
        BaselineCompiler compiler = tier.TakeCompiler();
        try
        {
            compiler.Compile(body, Target);
            return Publish(ref place, function, compiler.Asm.Code);
        }
        finally
        {
            tier.Return(compiler);
        }
    }

    private CompiledFunction Publish(ref CompiledFunction? place, int function, CodeBuffer buffer)
    {
        // Outside the lock: it may have to wait for finalizers.
        CodeBlock block = tier.Allocate(buffer.Position);
        buffer.CopyTo(block.Writable, block.Executable);
        var result = new CompiledFunction(unit, function, (nint)block.Executable, buffer.Position, buffer.Sites);
        lock (gate)
        {
            if (place is { } other)
            {
                tier.Free(block);
                return other;
            }

            blocks.Add(block);
            tier.Map.Add(result);
            tier.Count(buffer.Position);
            Volatile.Write(ref place, result);
            Patch(function, result.Start);
            return result;
        }
    }

    private void Patch(int function, nint code)
    {
        int index = function - imported;
        nint address = (nint)trampolines.Executable + (index * X64StaticCall.Size);
        Volatile.Write(ref ((ulong*)trampolines.Writable)[index], X64StaticCall.Jump(address, code));
    }
}
