// The engine's side of a guest module: its functions by number, their bytecode once lowered, their machine code once
// compiled. The guest derives from it to lower a function when that is first needed. Shared by all instances, thread-safe.

using System.Diagnostics;
using Anneal.Bytecode;
using Anneal.Diagnostics;

namespace Anneal.Runtime;

/// <summary>A unit of guest code: a numbered set of functions, the imported ones first, lowered on demand.</summary>
internal abstract class CodeUnit
{
    private readonly FunctionBody?[] bodies;
    private readonly TierJournal? journal;

    /// <param name="layout">The layout of its instances.</param>
    /// <param name="journal">Its engine's, to be told of functions that are lowered; null for nobody's.</param>
    protected CodeUnit(InstanceLayout layout, TierJournal? journal = null)
    {
        this.journal = journal;
        Layout = layout;
        bodies = new FunctionBody?[layout.Counts.Functions - layout.Counts.ImportedFunctions];
    }

    /// <summary>The layout of its instances.</summary>
    public InstanceLayout Layout { get; }

    /// <summary>The unit's machine code, once the engine has an emitted tier and an instance was made.</summary>
    public UnitCode? Emitted { get; set; }

    /// <summary>The module's name for backtraces, if it has one.</summary>
    public abstract string? Name { get; }

    /// <summary>A function's name for backtraces, if it has one.</summary>
    public abstract string? FunctionName(int function);

    /// <summary>The bytecode of one of the unit's own functions, lowered at the first request. Two threads may both lower; one result wins.</summary>
    public FunctionBody BodyOf(int function)
    {
        ref FunctionBody? body = ref bodies[function - Layout.Counts.ImportedFunctions];
        return Volatile.Read(ref body) ?? LowerInto(ref body, function);
    }

    private FunctionBody LowerInto(ref FunctionBody? place, int function)
    {
        long start = Stopwatch.GetTimestamp();
        FunctionBody lowered = Checked(Lower(function));
        if (Interlocked.CompareExchange(ref place, lowered, null) is { } other) return other;
        journal?.Lowered(this, function, lowered.Code.Length, Stopwatch.GetTimestamp() - start);
        return lowered;
    }

    private FunctionBody Checked(FunctionBody body)
    {
        if (BytecodeChecker.IsSwitchedOn) BytecodeChecker.Check(body, Layout.Counts);
        return body;
    }

    /// <summary>Lowers one of the unit's own functions. Called on any thread, possibly twice for one function.</summary>
    protected abstract FunctionBody Lower(int function);

    /// <summary>The frame of a backtrace for a position in a function.</summary>
    public GuestFrame FrameAt(int function, int pc) =>
        new(function, FunctionName(function), Name, BodyOf(function).Sources.GuestOffset(pc));
}
