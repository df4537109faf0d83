using Anneal.Runtime;

namespace Anneal.Wasm;

/// <summary>
/// Who calls a host function. Valid until the host function returns. Make it the first parameter of a delegate to get it.
/// </summary>
public readonly unsafe struct Caller
{
    private readonly Execution execution;
    private readonly InstanceState* instance;

    internal Caller(Store store, Execution execution, InstanceState* instance)
    {
        Store = store;
        this.execution = execution;
        this.instance = instance;
    }

    /// <summary>The store that the call happens in.</summary>
    public Store Store { get; }

    /// <summary>The calling instance; null if the host itself called the function.</summary>
    public Instance? Instance
    {
        get
        {
            ObjectDisposedException.ThrowIf(Store.IsDisposed, Store);
            return instance == null ? null : (Instance?)GuestInstance.Of(instance).Guest;
        }
    }

    /// <summary>
    /// What cancels the call, or ends its time (see <see cref="Store.CallTimeout"/>); host functions that wait should watch it.
    /// The <see cref="OperationCanceledException"/> that they then throw reaches the caller as a
    /// <see cref="GuestTimeoutException"/> if it was the time.
    /// </summary>
    public CancellationToken CancellationToken => execution.Cancellation;

    /// <summary>Uses fuel for what the host function is about to do, beyond what its call has cost.</summary>
    /// <inheritdoc cref="Store.ConsumeFuel(long)"/>
    public void ConsumeFuel(long amount) => Store.ConsumeFuel(amount);

    /// <summary>The calling instance's exported memory of a name; null if there's none.</summary>
    public Memory? GetMemory(string name = "memory") => Instance?.GetMemory(name);

    /// <summary>The calling instance's exported function of a name; null if there's none.</summary>
    public Function? GetFunction(string name) => Instance?.GetFunction(name);

    /// <summary>The calling instance's exported table of a name; null if there's none.</summary>
    public Table? GetTable(string name) => Instance?.GetTable(name);

    /// <summary>The calling instance's exported global of a name; null if there's none.</summary>
    public Global? GetGlobal(string name) => Instance?.GetGlobal(name);

    /// <summary>The value of a reference that a <see cref="HostCallback"/> finds in a slot.</summary>
    /// <param name="slot">The slot's value.</param>
    /// <param name="type">The reference type that the signature has there.</param>
    /// <exception cref="ArgumentException">The type is no reference type.</exception>
    public object? ReadReference(ulong slot, ValueType type)
    {
        if (!type.IsReference) throw new ArgumentException($"{type} is no reference type", nameof(type));
        return Runtime.BoxedValue.FromSlot(slot, type, Store);
    }

    /// <summary>What a <see cref="HostCallback"/> writes to a slot for a reference.</summary>
    /// <param name="value">The object, or the <see cref="Function"/>.</param>
    /// <param name="type">The reference type that the signature has there.</param>
    /// <exception cref="ArgumentException">The value isn't one of the type.</exception>
    public ulong WriteReference(object? value, ValueType type)
    {
        if (!type.IsReference) throw new ArgumentException($"{type} is no reference type", nameof(type));
        return Runtime.BoxedValue.ToSlot(value, type, Store);
    }
}
