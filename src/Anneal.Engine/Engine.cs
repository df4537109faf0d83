// The root of everything: options, the pool of executions, and the tier that runs guest code. Guest-neutral; guests hang
// their engine-wide state (WebAssembly's types) on it through StateOf.

using System.Runtime.ExceptionServices;
using Anneal.Diagnostics;
using Anneal.Runtime;
using Anneal.Tiering;

namespace Anneal;

/// <summary>
/// An execution engine. Modules are compiled for an engine and run in it; engines share nothing with each other but the
/// process's signal handler. Thread-safe; make one and keep it.
/// </summary>
public sealed unsafe class Engine : IDisposable
{
    private const int PooledExecutions = 16;
    private readonly Pool<Execution> pool = new(PooledExecutions);
    private readonly Dictionary<object, object> guestStates = new(ReferenceEqualityComparer.Instance); // by type
    private readonly EmittedTier? emitted;
    private Execution? spare;

    /// <summary>Creates an engine with the default options.</summary>
    public Engine()
        : this(new EngineOptions())
    {
    }

    /// <summary>Creates an engine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Engine(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        EngineEvents.Prepare();
        if (options.Tier != Tier.Portable)
        {
            emitted = EmittedTier.TryCreate(options, Journal, out string? refusal);
            TierRefusal = refusal;
        }
    }

    /// <summary>The options that the engine was made with.</summary>
    public EngineOptions Options { get; }

    /// <summary>The tier that guest code runs in, or <see cref="Tier.Auto"/>: <see cref="EngineOptions.Tier"/>, or what the machine allows.</summary>
    public Tier Tier => emitted is null ? Tier.Portable : Options.Tier;

    /// <summary>How memories are kept safe: <see cref="EngineOptions.MemoryChecks"/>, or what the machine allows.</summary>
    public MemoryChecks MemoryChecks => emitted is { HardwareTraps: false } ? MemoryChecks.Explicit : Options.MemoryChecks;

    /// <summary>Why guest code runs in the portable tier although another was asked for; null if it doesn't.</summary>
    public string? TierRefusal { get; }

    /// <summary>The engine's emitted code; null in the portable tier.</summary>
    internal EmittedTier? Emitted => emitted;

    /// <summary>Takes notice of what happens to functions.</summary>
    internal TierJournal Journal { get; } = new();

    /// <summary>Whether <see cref="Dispose"/> has been called.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Watches the deadlines of the engine's executions.</summary>
    internal DeadlineThread Deadlines { get; } = new();

    /// <summary>
    /// Gives back what the engine holds beyond its modules. Modules and stores of the engine must not be used afterwards; a
    /// call that still runs keeps its deadline.
    /// </summary>
    public void Dispose()
    {
        IsDisposed = true;
        Deadlines.Dispose();
        emitted?.Policy.Queue?.Close();
        while (pool.TryTake(out Execution? execution)) execution.Dispose();
        Interlocked.Exchange(ref spare, null)?.Dispose();
    }

    /// <summary>What the engine's tiers have done so far. The numbers are read one after the other while others may go on.</summary>
    public EngineStatistics GetStatistics()
    {
        TierStatistics counts = Journal.Statistics;
        (int handlers, int handlerBytes) = emitted is { IsThreaded: true } ? (emitted.Handlers.Count, emitted.Handlers.CodeBytes) : (0, 0);
        return new EngineStatistics
        {
            Tier = Tier,
            FunctionsLowered = counts.Lowered,
            LoweringTime = counts.LowerTime,
            FunctionsPredecoded = counts.Predecoded,
            StreamBytes = counts.PredecodedBytes,
            PredecodingTime = counts.PredecodeTime,
            FunctionsCompiled = counts.Compiled,
            CodeBytes = counts.CompiledBytes,
            CompileTime = counts.CompileTime,
            FunctionsInThreaded = counts.InThreaded,
            FunctionsInBaseline = counts.InBaseline,
            Refusals = counts.Refused,
            HotFunctions = counts.Requested,
            OsrEntries = counts.EntriesAtLoops,
            OsrExits = counts.ExitsAtLoops,
            Suspensions = counts.Suspended,
            Resumptions = counts.Resumed,
            Traps = counts.Traps,
            Handlers = handlers,
            HandlerBytes = handlerBytes,
            HeldCodeBytes = counts.HeldBytes,
        };
    }

    /// <summary>A guest's engine-wide state, made at the first request.</summary>
    internal T StateOf<T>(Func<T> make)
        where T : class
    {
        lock (guestStates)
        {
            if (guestStates.TryGetValue(typeof(T), out object? known)) return (T)known;
            T made = make();
            guestStates.Add(typeof(T), made);
            return made;
        }
    }

    /// <summary>An execution for the outermost call of a store.</summary>
    internal Execution Lease()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Execution? execution = Interlocked.Exchange(ref spare, null);
        if (execution is null && !pool.TryTake(out execution))
        {
            Execution made = NewExecution();
            if (made.Stressed is not null) made.Interrupt(InterruptReasons.Stress);
            return made;
        }
        execution.State->Fuel = execution.FuelOwed = 0;
        execution.SuspendsAtDeadline = execution.SuspendsOutOfFuel = false;
        execution.Refuel = null;
        return execution;
    }

    /// <summary>Takes an execution back.</summary>
    internal void Return(Execution execution)
    {
        execution.EndCall();
        if (!IsDisposed && Interlocked.CompareExchange(ref spare, execution, null) is null) return;
        if (IsDisposed || !pool.TryAdd(execution)) execution.Dispose();
    }

    /// <summary>The address that <see cref="FunctionReference.Entry"/> of a function of this unit must hold; 0 in the portable tier.</summary>
    internal nint EntryOf(CodeUnit code, int function) => emitted is null ? 0 : emitted.CodeOf(code).EntryOf(function);

    /// <summary>
    /// Runs a guest function: arguments at <paramref name="window"/>, results there afterwards. The caller holds the
    /// execution and keeps everything that the function can reach alive.
    /// </summary>
    /// <exception cref="TrapException">The guest trapped.</exception>
    /// <exception cref="OperationCanceledException">The execution's token was cancelled.</exception>
    /// <exception cref="GuestTimeoutException">The execution's deadline has passed.</exception>
    /// <exception cref="GuestSuspension">The guest was suspended.</exception>
    internal void Invoke(Execution execution, FunctionReference* function, ulong* window)
    {
        if (execution.Stressed is { Kind: TierStress.SuspendAtPolls } stress) RunStressed(execution, stress, function, window, null, default);
        else Start(execution, function, window);
    }

    /// <summary>Lets lifted frames go on, in a tier; the results of the outermost are at its window afterwards.</summary>
    /// <exception cref="GuestSuspension">The guest was stopped again.</exception>
    /// <exception cref="TrapException">The guest trapped.</exception>
    internal void Resume(Execution execution, FrameState[] frames, Tier tier)
    {
        if (execution.Stressed is { Kind: TierStress.SuspendAtPolls } stress) RunStressed(execution, stress, null, null, frames, tier);
        else GoOn(execution, frames, tier);
    }

    private void GoOn(Execution execution, FrameState[] frames, Tier tier)
    {
        Journal.Resumed(frames, tier);
        Resumption.Run(emitted, execution, frames, tier);
    }

    private Execution NewExecution() => new(Options.ValueStackBytes, Journal)
    {
        Tier = emitted,
        GuestStackBytes = Options.GuestStackBytes,
        IsMetered = Options.FuelMetering,
        Stressed = Options.Stress == TierStress.None ? null : new StressedTiers(Options.Stress),
    };

    private void Start(Execution execution, FunctionReference* function, ulong* window)
    {
        if (emitted is null) Portable.Interpreter.Run(execution, function, window);
        else InvokeEmitted(emitted, execution, function, window);
    }

    // A function, or lifted frames: stopped at each poll, resumed in the next tier.
    private void RunStressed(Execution execution, StressedTiers stress, FunctionReference* function, ulong* window, FrameState[]? frames, Tier tier)
    {
        while (true)
        {
            stress.SkipsNext = frames is not null && frames[0].Point == FramePoint.Entry;
            try
            {
                if (frames is null) Start(execution, function, window);
                else GoOn(execution, frames, tier);
                return;
            }
            catch (GuestSuspension suspension) when (suspension.Reason is null)
            {
                frames = suspension.Frames;
                tier = stress.NextTier();
            }
        }
    }

    private void InvokeEmitted(EmittedTier tier, Execution execution, FunctionReference* function, ulong* window)
    {
        ExecutionState* state = execution.State;
        // Nested entries stay under the limit of the outermost one, which is on the same thread.
        if (state->EntryStack == 0) execution.BeginOnThisThread();
        var enter = (delegate* unmanaged<ExecutionState*, InstanceState*, ulong*, nint, int>)tier.Machine.Stubs.Enter;
        if (enter(state, function->Instance, window, function->Entry) == 0) return;
        Exception pending = execution.TakePending();
        if (pending is TrapException or GuestSuspension) throw pending;
        ExceptionDispatchInfo.Throw(pending);
    }
}
