// The root of everything: options, the pool of executions, and the tier that runs guest code. Guest-neutral; guests hang
// their engine-wide state (WebAssembly's types) on it through StateOf.

using System.Runtime.ExceptionServices;
using Anneal.Runtime;

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
        if (options.Tier != Tier.Portable)
        {
            emitted = EmittedTier.TryCreate(options, out string? refusal);
            TierRefusal = refusal;
        }
    }

    /// <summary>The options that the engine was made with.</summary>
    public EngineOptions Options { get; }

    /// <summary>The tier that guest code runs in: <see cref="EngineOptions.Tier"/>, or what the machine allows.</summary>
    public Tier Tier => emitted is null ? Tier.Portable : Tier.Baseline;

    /// <summary>How memories are kept safe: <see cref="EngineOptions.MemoryChecks"/>, or what the machine allows.</summary>
    public MemoryChecks MemoryChecks => emitted is { HardwareTraps: false } ? MemoryChecks.Explicit : Options.MemoryChecks;

    /// <summary>Why guest code runs in the portable tier although another was asked for; null if it doesn't.</summary>
    public string? TierRefusal { get; }

    /// <summary>The engine's emitted code; null in the portable tier.</summary>
    internal EmittedTier? Emitted => emitted;

    /// <summary>Whether <see cref="Dispose"/> has been called.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Gives back what the engine holds beyond its modules. Modules and stores of the engine must not be used afterwards.</summary>
    public void Dispose()
    {
        IsDisposed = true;
        while (pool.TryTake(out Execution? execution)) execution.Dispose();
        Interlocked.Exchange(ref spare, null)?.Dispose();
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
            return new Execution(Options.ValueStackBytes) { Tier = emitted, GuestStackBytes = Options.GuestStackBytes, IsMetered = Options.FuelMetering };
        execution.State->Fuel = 0;
        execution.Refuel = null;
        return execution;
    }

    /// <summary>Takes an execution back.</summary>
    internal void Return(Execution execution)
    {
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
    internal void Invoke(Execution execution, FunctionReference* function, ulong* window)
    {
        if (emitted is null) Portable.Interpreter.Run(execution, function, window);
        else InvokeEmitted(emitted, execution, function, window);
    }

    private void InvokeEmitted(EmittedTier tier, Execution execution, FunctionReference* function, ulong* window)
    {
        ExecutionState* state = execution.State;
        // Nested entries stay under the limit of the outermost one, which is on the same thread.
        if (state->EntryStack == 0) execution.BeginOnThisThread();
        var enter = (delegate* unmanaged<ExecutionState*, InstanceState*, ulong*, nint, int>)tier.Machine.Stubs.Enter;
        if (enter(state, function->Instance, window, function->Entry) == 0) return;
        Exception pending = execution.Pending ?? new InvalidOperationException("engine bug: guest frames unwound without a reason");
        execution.Pending = null;
        if (pending is TrapException) throw pending;
        ExceptionDispatchInfo.Throw(pending);
    }
}
