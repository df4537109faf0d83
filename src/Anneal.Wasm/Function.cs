using Anneal.Runtime;
using Anneal.Wasm.Runtime;

namespace Anneal.Wasm;

/// <summary>
/// A function of a store: a guest's, or a host's that guests can call. Two values for one function are the same object.
/// </summary>
public sealed unsafe class Function : External
{
    internal Function(Store store, FunctionReference* reference, FunctionType type)
    {
        Store = store;
        Reference = reference;
        Type = type;
        WindowSlots = Math.Max(type.ParameterSlots, type.ResultSlots);
    }

    /// <summary>The function's type.</summary>
    public FunctionType Type { get; }

    /// <summary>The store that the function lives in.</summary>
    public Store Store { get; }

    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Function;

    internal override ExternalType ExternalType => new(Type);

    /// <summary>Valid until the store is disposed.</summary>
    internal FunctionReference* Reference { get; }

    /// <summary>Slots that a call takes for arguments and results.</summary>
    internal int WindowSlots { get; }

    /// <summary>Makes a .NET delegate callable by the guests of a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="body">See <see cref="Linker.Define(string, string, Delegate)"/> for what signatures there are.</param>
    /// <exception cref="ArgumentException">A parameter or the result has a type that WebAssembly has no counterpart of.</exception>
    public static Function FromDelegate(Store store, Delegate body)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(body);
        store.CheckAccess();
        return HostDefinition.Of(store.Engine, body).In(store);
    }

    /// <summary>Makes a callback in raw form callable by the guests of a store.</summary>
    public static Function FromCallback(Store store, FunctionType type, HostCallback body)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(body);
        store.CheckAccess();
        return HostDefinition.Of(type, body).In(store);
    }

    /// <summary>Calls the function with boxed arguments; see <see cref="Wrap"/> for a quick way.</summary>
    /// <param name="arguments">As many as the type has parameters, each of its type: int or uint, long or ulong, float, double, <see cref="Function"/>, any object.</param>
    /// <returns>Null for no result; the value of a single one (int, long, float, double, <see cref="Function"/>, object); else an array of them.</returns>
    /// <exception cref="ArgumentException">The arguments don't fit the type.</exception>
    /// <exception cref="TrapException">The guest trapped.</exception>
    /// <exception cref="GuestTimeoutException">A time limit of the store was exceeded; see <see cref="Store.CallTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the store.</exception>
    public object? Invoke(params ReadOnlySpan<object?> arguments)
    {
        if (arguments.Length != Type.Parameters.Length)
            throw new ArgumentException($"The function takes {Type.Parameters.Length} arguments, not {arguments.Length}.", nameof(arguments));
        ulong* slots = Store.Enter(WindowSlots);
        try
        {
            for (int i = 0; i < arguments.Length; i++) slots[i] = BoxedValue.ToSlot(arguments[i], Type.Parameters[i], Store);
            Store.Run(Reference, slots);
            return ReadResults(slots);
        }
        finally
        {
            Store.Exit(slots);
        }
    }

    /// <summary>Calls the function with boxed arguments; cancelling the token stops the guest at its next poll.</summary>
    /// <inheritdoc cref="Invoke(ReadOnlySpan{object?})"/>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public object? Invoke(ReadOnlySpan<object?> arguments, CancellationToken cancellation)
    {
        // Held throughout, so that no other thread's call comes under this call's token.
        ulong* window = Store.Hold();
        try
        {
            using IDisposable registration = Store.CancelOn(cancellation);
            Store.ThrowIfStopped();
            return Invoke(arguments);
        }
        catch (OperationCanceledException exception) when (cancellation.IsCancellationRequested)
        {
            throw Store.Translate(exception, cancellation);
        }
        finally
        {
            Store.Exit(window);
        }
    }

    /// <summary>Calls the function with boxed arguments; the guest is stopped if it takes longer than it may.</summary>
    /// <param name="arguments">See <see cref="Invoke(ReadOnlySpan{object?})"/>.</param>
    /// <param name="timeout">How long the call may take; <see cref="Timeout.InfiniteTimeSpan"/> for no limit but the store's.</param>
    /// <param name="cancellation">Stops the guest as well.</param>
    /// <inheritdoc cref="Invoke(ReadOnlySpan{object?})"/>
    /// <exception cref="GuestTimeoutException">The time was over, or one that the store has; see <see cref="Store.CallTimeout"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is neither positive nor infinite.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public object? Invoke(ReadOnlySpan<object?> arguments, TimeSpan timeout, CancellationToken cancellation = default)
    {
        ulong* window = Store.Hold();
        try
        {
            using IDisposable registration = Store.StopAfter(timeout);
            return Invoke(arguments, cancellation);
        }
        finally
        {
            Store.Exit(window);
        }
    }

    /// <summary>A delegate that calls the function without boxing or allocating.</summary>
    /// <typeparam name="TDelegate">
    /// <see cref="Action"/>, <see cref="Func{TResult}"/> or any other delegate type whose parameters are those of
    /// <see cref="Type"/>: int or uint for i32, long or ulong for i64, float, double, object for externref and
    /// <see cref="Function"/> for function references; several results are a <see cref="System.ValueTuple"/>.
    /// </typeparam>
    /// <exception cref="ArgumentException">The delegate's signature isn't the function's.</exception>
    public TDelegate Wrap<TDelegate>()
        where TDelegate : Delegate
    {
        ObjectDisposedException.ThrowIf(Store.IsDisposed, Store);
        return (TDelegate)GuestSignature.Bind(this, typeof(TDelegate));
    }

    /// <summary>Calls the function with values in slots, as <see cref="HostCallback"/> has them.</summary>
    /// <param name="slots">Arguments in, results out; as long as the larger of the two.</param>
    internal void InvokeRaw(Span<ulong> slots)
    {
        ulong* window = Store.Enter(WindowSlots);
        try
        {
            slots[..Type.ParameterSlots].CopyTo(new Span<ulong>(window, WindowSlots));
            Store.Run(Reference, window);
            new Span<ulong>(window, Type.ResultSlots).CopyTo(slots);
        }
        finally
        {
            Store.Exit(window);
        }
    }

    private object? ReadResults(ulong* slots)
    {
        if (Type.Results.Length == 0) return null;
        if (Type.Results.Length == 1) return BoxedValue.FromSlot(slots[0], Type.Results[0], Store);
        object?[] results = new object?[Type.Results.Length];
        for (int i = 0; i < results.Length; i++) results[i] = BoxedValue.FromSlot(slots[i], Type.Results[i], Store);
        return results;
    }
}
