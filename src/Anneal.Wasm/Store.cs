// Everything that guests share and own at run time hangs off a Store: instances, memories, tables, host functions, the
// table of host objects. Guest code runs on raw pointers that hold nothing, so the store keeps all of it until it is
// disposed, and every way in (Enter) checks that it isn't.
//
// A store is used by one thread at a time. The outermost call takes ownership with one compare-and-swap; a nested call
// (host function -> guest) finds its own thread as the owner and goes on above the window of the host call. The execution
// that the store leases at its first call stays with it until Dispose: leasing costs more than a short call.

using System.Runtime.CompilerServices;
using Anneal.Runtime;
using Anneal.Wasm.Runtime;

namespace Anneal.Wasm;

/// <summary>
/// A world of instances that may refer to each other, with the limits they live under. Used by one thread at a time: a
/// call from a second thread while one runs throws <see cref="InvalidOperationException"/>. Everything made in a store lives
/// until the store is disposed; using it afterwards throws <see cref="ObjectDisposedException"/>.
/// </summary>
public sealed unsafe partial class Store : IDisposable
{
    private readonly StoreResources resources;
    private readonly TypeRegistry types;
    private readonly Dictionary<long, Function> functions = [];
    private Execution? execution;
    private int owner;
    private int depth;
    private bool disposed;

    /// <summary>Creates an empty store.</summary>
    /// <param name="engine">The engine whose modules are to be instantiated here.</param>
    /// <param name="limits">What its guests may use; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is negative.</exception>
    public Store(Engine engine, StoreLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ObjectDisposedException.ThrowIf(engine.IsDisposed, engine);
        Limits = limits ?? new StoreLimits();
        Limits.Validate();
        Engine = engine;
        types = engine.StateOf(TypeRegistry.New);
        resources = new StoreResources(this);
    }

    /// <summary>The store's engine.</summary>
    public Engine Engine { get; }

    /// <summary>What its guests may use.</summary>
    public StoreLimits Limits { get; }

    /// <summary>Whatever the host wants its host functions to find through <see cref="Caller.Store"/>.</summary>
    public object? Data { get; set; }

    internal ObjectTable Objects { get; } = new();

    internal StoreResources Resources => resources;

    /// <summary>Whether the store can't be used any more.</summary>
    internal bool IsDisposed => disposed;

    /// <summary>
    /// Frees everything that was made in the store. The pages of its memories are given back; spans over them read as zero.
    /// </summary>
    /// <exception cref="InvalidOperationException">A call into the store is running.</exception>
    public void Dispose()
    {
        if (disposed) return;
        if (Interlocked.CompareExchange(ref owner, Environment.CurrentManagedThreadId, 0) != 0)
            throw new InvalidOperationException("The store can't be disposed while a call into it runs.");
        disposed = true;
        scopes.Clear();
        timeouts.Clear();
        isTimed = false;
        SetToken();
        resources.Dispose();
        if (execution is { } leased)
        {
            execution = null;
            Engine.Return(leased);
        }

        Volatile.Write(ref owner, 0);
    }

    /// <summary>
    /// Begins a call: takes the store for this thread and finds room for the arguments and results. Each successful call is
    /// followed by <see cref="Exit"/> with what it returned.
    /// </summary>
    /// <exception cref="TrapException">No room is left on the guest's stack, or the thread's.</exception>
    internal ulong* Enter(int slots)
    {
        int thread = Environment.CurrentManagedThreadId;
        if (owner != thread || depth == 0) EnterOutermost(thread);
        else if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw new TrapException(TrapKind.StackExhausted, []);
        ExecutionState* state = execution!.State;
        ulong* window = state->NestedWindow;
        if (slots > state->ValueStackEnd - window) EndForLackOfRoom();
        depth++;
        if (Objects.WantsCollection) CollectObjects();
        return window;
    }

    /// <summary>Ends a call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Exit(ulong* window)
    {
        execution!.State->NestedWindow = window;
        if (--depth == 0) Release();
    }

    /// <summary>Runs a function between Enter and Exit: arguments in the window, results there afterwards.</summary>
    internal void Run(FunctionReference* function, ulong* window)
    {
        if (function->Function < 0) RunHost(function, window);
        else Engine.Invoke(execution!, function, window);
    }

    /// <summary>Throws unless the current thread may use the store now: nobody does, or the thread itself, in a host function.</summary>
    internal void CheckAccess()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        int current = Volatile.Read(ref owner);
        if (current != 0 && current != Environment.CurrentManagedThreadId) throw InUse();
    }

    /// <summary>The canonical type of a reference's function.</summary>
    internal FunctionType TypeOf(FunctionReference* reference) => types[(int)reference->Type];

    /// <summary>The function of a reference in a slot; null for 0.</summary>
    internal Function? FunctionAt(ulong slot)
    {
        if (slot == 0) return null;
        if (functions.TryGetValue((long)slot, out Function? known)) return known;
        var reference = (FunctionReference*)slot;
        var made = new Function(this, reference, TypeOf(reference));
        functions.Add((long)slot, made);
        return made;
    }

    /// <summary>The reference of a function for a slot; 0 for null.</summary>
    /// <exception cref="ArgumentException">The function belongs to another store.</exception>
    internal ulong SlotOf(Function? function)
    {
        if (function is null) return 0;
        if (function.Store != this) throw new ArgumentException("The function belongs to another store.");
        return (ulong)function.Reference;
    }

    /// <summary>Forgets host objects that no guest can reach, if there are enough new ones. Not between two handles of one call.</summary>
    internal void CollectObjects()
    {
        if (!Objects.WantsCollection) return;
        Objects.BeginMarking();
        if (execution is { } running)
        {
            ExecutionState* state = running.State;
            Objects.Mark(state->ValueStack, (ulong)(state->NestedWindow - state->ValueStack));
        }

        resources.MarkObjects(Objects);
        Objects.Sweep();
    }

    /// <summary>
    /// Takes the store for this thread as a call does, but runs nothing; ended by <see cref="Exit"/>. Calls until then are
    /// nested ones.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another thread is using the store.</exception>
    internal ulong* Hold()
    {
        int thread = Environment.CurrentManagedThreadId;
        if (owner != thread || depth == 0) Own(thread);
        depth++;
        return execution!.State->NestedWindow;
    }

    private void EnterOutermost(int thread)
    {
        Own(thread);
        if (!Engine.IsDisposed && !Cancellation.IsCancellationRequested) return;
        try
        {
            ObjectDisposedException.ThrowIf(Engine.IsDisposed, Engine);
            ThrowIfStopped();
        }
        finally
        {
            Release();
        }
    }

    private void Own(int thread)
    {
        if (Interlocked.CompareExchange(ref owner, thread, 0) != 0) throw disposed ? new ObjectDisposedException(nameof(Store)) : InUse();
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            execution ??= Engine.Lease();
            if (isTimed) ArmDeadline();
        }
        catch
        {
            Volatile.Write(ref owner, 0);
            throw;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Release()
    {
        if (isArmed) DisarmDeadline();
        Volatile.Write(ref owner, 0);
    }

    private void EndForLackOfRoom()
    {
        if (depth == 0) Release();
        throw new TrapException(TrapKind.StackExhausted, []);
    }

    private void RunHost(FunctionReference* function, ulong* window)
    {
        HostFunction host = HostFunction.Of(function->Instance);
        execution!.State->NestedWindow = window + Math.Max(host.ParameterSlots, host.ResultSlots);
        Exception explained;
        try
        {
            host.Invoke(execution, null, window);
            return;
        }
        catch (OperationCanceledException exception) when (execution.Deadline is { HasPassed: true })
        {
            explained = execution.Explain(exception);
        }

        throw explained;
    }

    private static InvalidOperationException InUse() => new(
        "The store is in use by another thread. A store is used by one thread at a time; use a store for each thread.");
}
