using Anneal.Runtime;
using Anneal.Wasm.Runtime;

namespace Anneal.Wasm;

/// <summary>A table of references, of an instance or made by the host. Belongs to a store.</summary>
public sealed unsafe class Table : External
{
    private readonly ReferenceTable references;

    /// <summary>Creates a table.</summary>
    /// <param name="store">The store that it belongs to.</param>
    /// <param name="type">Its element type and size.</param>
    /// <param name="initial">The value of its elements: a <see cref="Function"/>, any object, or null, as the element type says.</param>
    /// <exception cref="ArgumentException">The bounds contradict each other, or the value isn't one of the element type.</exception>
    /// <exception cref="StoreLimitException">A limit of the store would be exceeded.</exception>
    public Table(Store store, TableType type, object? initial = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        store.CheckAccess();
        if (!type.Element.IsReference) throw new ArgumentException($"{type.Element} is no reference type", nameof(type));
        if (type.Is64) throw new ArgumentException("Tables with 64-bit indices aren't supported.", nameof(type));
        ulong maximum = type.Limits.Maximum ?? uint.MaxValue;
        if (type.Limits.Minimum > maximum || maximum > uint.MaxValue)
            throw new ArgumentException("The minimum is above the maximum, or the maximum above 2^32-1.", nameof(type));
        store.CollectObjects();
        ulong fill = BoxedValue.ToSlot(initial, type.Element, store);
        Store = store;
        Type = type;
        references = store.Resources.CreateTable(type, fill);
    }

    internal Table(Store store, ReferenceTable references, TableType type)
    {
        Store = store;
        this.references = references;
        Type = type;
    }

    /// <inheritdoc/>
    public override ExternalKind Kind => ExternalKind.Table;

    /// <summary>The table's type; its minimum is the size that it was declared with.</summary>
    public TableType Type { get; }

    /// <summary>The store that it belongs to.</summary>
    public Store Store { get; }

    /// <summary>The number of elements.</summary>
    public long Length
    {
        get
        {
            ObjectDisposedException.ThrowIf(Store.IsDisposed, Store);
            return (long)references.Length;
        }
    }

    /// <summary>An element: a <see cref="Function"/> or an object; null for a null reference.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There's no such element.</exception>
    /// <exception cref="ArgumentException">The value isn't one of the element type.</exception>
    public object? this[long index]
    {
        get => BoxedValue.FromSlot(*ElementAt(index), Type.Element, Store);
        set
        {
            _ = ElementAt(index);
            Store.CollectObjects();
            *ElementAt(index) = BoxedValue.ToSlot(value, Type.Element, Store);
        }
    }

    internal ReferenceTable References => references;

    internal override ExternalType ExternalType => new(Type with { Limits = Type.Limits with { Minimum = references.Length } });

    /// <summary>Adds elements at the end.</summary>
    /// <param name="count">How many.</param>
    /// <param name="value">The value of each.</param>
    /// <returns>The previous number of elements; -1 if it can't grow so far.</returns>
    /// <exception cref="ArgumentException">The value isn't one of the element type.</exception>
    public long Grow(long count, object? value = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Store.CheckAccess();
        Store.CollectObjects();
        ulong fill = BoxedValue.ToSlot(value, Type.Element, Store);
        return references.TryGrow((ulong)count, fill, out ulong previous) ? (long)previous : -1;
    }

    private ulong* ElementAt(long index)
    {
        Store.CheckAccess();
        if ((ulong)index >= references.Length)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"the table has {references.Length} elements");
        return references.State->Elements + index;
    }
}
