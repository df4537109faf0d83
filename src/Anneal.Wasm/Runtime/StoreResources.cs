// What a store owns: the native blocks and address space behind its instances, memories, tables, globals and host
// functions, freed together when the store is disposed. Also the store's limits, counted here, and the exactly known
// roots of host objects.

using Anneal.Runtime;

namespace Anneal.Wasm.Runtime;

/// <summary>The owner of everything native in a store.</summary>
internal sealed unsafe class StoreResources(Store store) : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly List<LinearMemory> memories = [];
    private readonly HashSet<object> kept = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, IDisposable> services = new(ReferenceEqualityComparer.Instance);
    private readonly ValueList<nint> objectCells = new();
    private readonly List<ReferenceTable> objectTables = [];
    private readonly ValueList<ObjectSegment> objectSegments = new();
    private int instances;
    private int tables;

    /// <summary>The store's instances, in the order in which they were made.</summary>
    public IEnumerable<Instance> Instances
    {
        get
        {
            foreach (IDisposable resource in owned)
            {
                if (resource is GuestInstance { Guest: Instance instance }) yield return instance;
            }
        }
    }

    /// <summary>Counts an instance.</summary>
    /// <exception cref="StoreLimitException">There are as many as may be.</exception>
    public void ReserveInstance()
    {
        if (instances >= store.Limits.MaxInstances) throw new StoreLimitException($"the store's limit of {store.Limits.MaxInstances} instances is reached");
        instances++;
    }

    /// <summary>Takes back what <see cref="ReserveInstance"/> counted.</summary>
    public void ReleaseInstance() => instances--;

    /// <summary>Frees something with the store.</summary>
    public void Own(IDisposable resource) => owned.Add(resource);

    /// <summary>Keeps something alive as long as the store; the same thing once.</summary>
    public void Keep(object value) => kept.Add(value);

    /// <summary>Frees something now that the store owns, and counts it no more.</summary>
    public void Release(IDisposable resource)
    {
        int index = owned.LastIndexOf(resource);
        if (index >= 0) owned.RemoveAt(index);
        if (resource is LinearMemory memory) memories.Remove(memory);
        if (resource is ReferenceTable table)
        {
            tables--;
            objectTables.Remove(table);
        }

        resource.Dispose();
    }

    /// <summary>What a key stands for in this store, made at the first request and disposed with the store.</summary>
    public T Service<T>(object key, Func<Store, T> make)
        where T : class, IDisposable
    {
        if (services.TryGetValue(key, out IDisposable? known)) return (T)known;
        T made = make(store);
        services.Add(key, made);
        owned.Add(made);
        return made;
    }

    /// <summary>Makes a memory of the store.</summary>
    /// <exception cref="StoreLimitException">A limit would be exceeded.</exception>
    /// <exception cref="OutOfMemoryException">The system refuses the address space or the memory.</exception>
    public LinearMemory CreateMemory(MemoryType type)
    {
        StoreLimits limits = store.Limits;
        if (memories.Count >= limits.MaxMemories) throw new StoreLimitException($"the store's limit of {limits.MaxMemories} memories is reached");
        ulong length = type.Limits.Minimum * MemoryType.PageSize;
        if (!AllowsMemory(0, length)) throw new StoreLimitException($"a memory of {type.Limits.Minimum} pages exceeds the store's limits");
        LinearMemory memory = MemoryFactory.Create(type, store.Engine.MemoryChecks);
        if (limits.MaxMemoryBytes != long.MaxValue || limits.MaxTotalMemoryBytes != long.MaxValue) memory.GrowthLimit = AllowsMemory;
        memories.Add(memory);
        owned.Add(memory);
        return memory;
    }

    /// <summary>Makes a table of the store.</summary>
    /// <exception cref="StoreLimitException">A limit would be exceeded.</exception>
    public ReferenceTable CreateTable(TableType type, ulong fill)
    {
        StoreLimits limits = store.Limits;
        if (tables >= limits.MaxTables) throw new StoreLimitException($"the store's limit of {limits.MaxTables} tables is reached");
        if (!AllowsTable(0, type.Limits.Minimum)) throw new StoreLimitException($"a table of {type.Limits.Minimum} elements exceeds the store's limits");
        var table = new ReferenceTable(type.Limits.Minimum, type.Limits.Maximum ?? uint.MaxValue, fill) { GrowthLimit = AllowsTable };
        tables++;
        owned.Add(table);
        if (ReferenceKinds.IsObject(type.Element)) objectTables.Add(table);
        return table;
    }

    /// <summary>Makes the cell of a global that belongs to no instance.</summary>
    public ulong* CreateCell(ValueType type)
    {
        var cell = new GlobalCell();
        owned.Add(cell);
        AddObjectCell(type, cell.Address);
        return cell.Address;
    }

    /// <summary>Makes a global's cell a root, if host objects can be in it.</summary>
    public void AddObjectCell(ValueType type, ulong* cell)
    {
        if (ReferenceKinds.IsObject(type)) objectCells.Add((nint)cell);
    }

    /// <summary>Makes a passive segment of host objects a root.</summary>
    public void AddObjectSegment(SegmentState* segments, int index) => objectSegments.Add(new ObjectSegment((nint)segments, index));

    /// <summary>Forgets the roots of an instance that is to be freed.</summary>
    public void RemoveRoots(nint start, int length)
    {
        objectCells.RemoveAll(cell => cell >= start && cell - start < length);
        objectSegments.RemoveAll(segment => segment.Segments >= start && segment.Segments - start < length);
    }

    /// <summary>Marks the host objects that are in globals, tables and segments.</summary>
    public void MarkObjects(ObjectTable objects)
    {
        foreach (nint cell in objectCells.Items) objects.Mark((ulong*)cell, 1);
        foreach (ReferenceTable table in objectTables) objects.Mark(table.State->Elements, table.Length);
        foreach ((nint segments, int index) in objectSegments.Items)
        {
            SegmentState segment = ((SegmentState*)segments)[index];
            objects.Mark((ulong*)segment.Start, segment.Length);
        }
    }

    public void Dispose()
    {
        // Backwards: instances go before what they point to.
        for (int i = owned.Count - 1; i >= 0; i--) owned[i].Dispose();
        owned.Clear();
        objectCells.Clear();
        objectTables.Clear();
        objectSegments.Clear();
        services.Clear();
        kept.Clear();
        memories.Clear();
    }

    private bool AllowsMemory(ulong current, ulong wanted)
    {
        if (wanted > (ulong)store.Limits.MaxMemoryBytes) return false;
        ulong total = wanted - current;
        for (int i = 0; i < memories.Count; i++) total += memories[i].Length;
        return total <= (ulong)store.Limits.MaxTotalMemoryBytes;
    }

    private bool AllowsTable(ulong current, ulong wanted) => wanted <= (ulong)store.Limits.MaxTableElements;

    private readonly record struct ObjectSegment(nint Segments, int Index);
}
