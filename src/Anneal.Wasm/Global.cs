using Anneal.Wasm.Runtime;

namespace Anneal.Wasm;

/// <summary>A global variable, of an instance or made by the host. Belongs to a store.</summary>
public sealed unsafe class Global : External
{
    private readonly ulong* cell;

    /// <summary>Creates a global.</summary>
    /// <param name="store">The store that it belongs to.</param>
    /// <param name="type">Its type.</param>
    /// <param name="value">Its value, as <see cref="Function.Invoke(ReadOnlySpan{object?})"/> takes them.</param>
    /// <exception cref="ArgumentException">The value isn't one of the type.</exception>
    public Global(Store store, GlobalType type, object? value)
    {
        ArgumentNullException.ThrowIfNull(store);
        store.CheckAccess();
        store.CollectObjects();
        ulong slot = BoxedValue.ToSlot(value, type.Content, store);
        Store = store;
        Type = type;
        cell = store.Resources.CreateCell(type.Content);
        *cell = slot;
    }

    internal Global(Store store, ulong* cell, GlobalType type)
    {
        Store = store;
        this.cell = cell;
        Type = type;
    }

    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Global;

    /// <summary>The global's type.</summary>
    public GlobalType Type { get; }

    /// <summary>The store that it belongs to.</summary>
    public Store Store { get; }

    /// <summary>The value, boxed.</summary>
    /// <exception cref="InvalidOperationException">It's assigned, but the global is immutable.</exception>
    /// <exception cref="ArgumentException">The value isn't one of the type.</exception>
    public object? Value
    {
        get
        {
            Store.CheckAccess();
            return BoxedValue.FromSlot(*cell, Type.Content, Store);
        }

        set
        {
            CheckWritable();
            *cell = BoxedValue.ToSlot(value, Type.Content, Store);
        }
    }

    internal ulong* Cell => cell;

    internal override ExternalType ExternalType => new(Type);

    /// <summary>The value, not boxed.</summary>
    /// <typeparam name="T">int or uint for i32, long or ulong for i64, float, double, object, <see cref="Function"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The global has another type.</exception>
    public T? Get<T>()
    {
        Store.CheckAccess();
        CheckType<T>();
        return Slot.Read<T>(*cell, Store);
    }

    /// <summary>Assigns the value, not boxed.</summary>
    /// <typeparam name="T">As in <see cref="Get"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The global has another type, or is immutable.</exception>
    /// <exception cref="ArgumentException">The global's type demands a certain kind of reference, and the value isn't one.</exception>
    public void Set<T>(T? value)
    {
        CheckWritable();
        CheckType<T>();
        *cell = Type.Content.IsReference ? BoxedValue.ToSlot(value, Type.Content, Store) : Slot.Write(value, Store);
    }

    private void CheckType<T>()
    {
        if (!Signature.Fits(typeof(T), Type.Content)) throw new InvalidOperationException($"The global has type {Type.Content}, not {typeof(T).Name}.");
    }

    private void CheckWritable()
    {
        Store.CheckAccess();
        if (!Type.IsMutable) throw new InvalidOperationException("The global is immutable.");
        Store.CollectObjects();
    }
}
