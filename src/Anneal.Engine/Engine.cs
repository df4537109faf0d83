// The root of everything: options, the pool of executions, and the tier that runs guest code. Guest-neutral; guests hang
// their engine-wide state (WebAssembly's types) on it through StateOf.

using System.Collections.Concurrent;
using Anneal.Runtime;

namespace Anneal;

/// <summary>
/// An execution engine. Modules are compiled for an engine and run in it; engines share nothing with each other but the
/// process's signal handler. Thread-safe; make one and keep it.
/// </summary>
public sealed unsafe class Engine : IDisposable
{
    private const int PooledExecutions = 16;
    private readonly ConcurrentBag<Execution> pool = [];
    private readonly ConcurrentDictionary<Type, object> guestStates = new();
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
    }

    /// <summary>The options that the engine was made with.</summary>
    public EngineOptions Options { get; }

    /// <summary>The tier that guest code runs in: <see cref="EngineOptions.Tier"/>, or what the machine allows.</summary>
    public Tier Tier => Tier.Portable;

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
    internal T StateOf<T>()
        where T : class, new() => (T)guestStates.GetOrAdd(typeof(T), static _ => new T());

    /// <summary>An execution for the outermost call of a store.</summary>
    internal Execution Lease()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Execution? execution = Interlocked.Exchange(ref spare, null);
        return execution ?? (pool.TryTake(out execution) ? execution : new Execution(Options.ValueStackBytes));
    }

    /// <summary>Takes an execution back.</summary>
    internal void Return(Execution execution)
    {
        if (!IsDisposed && Interlocked.CompareExchange(ref spare, execution, null) is null) return;
        if (!IsDisposed && pool.Count < PooledExecutions) pool.Add(execution);
        else execution.Dispose();
    }

    /// <summary>The address that <see cref="FunctionReference.Entry"/> of a function of this unit must hold; 0 in the portable tier.</summary>
    internal nint EntryOf(CodeUnit code, int function) => 0;

    /// <summary>
    /// Runs a guest function: arguments at <paramref name="window"/>, results there afterwards. The caller holds the
    /// execution and keeps everything that the function can reach alive.
    /// </summary>
    /// <exception cref="TrapException">The guest trapped.</exception>
    /// <exception cref="OperationCanceledException">The execution's token was cancelled.</exception>
    internal void Invoke(Execution execution, FunctionReference* function, ulong* window) =>
        Portable.Interpreter.Run(execution, function, window);
}
