// Interning of function types, engine-wide. A recursion group is reduced to a key of words in which references into
// the group itself are relative and all others are canonical ids; equal keys are the same type. Groups are singletons
// today; the key's form is ready for larger ones.
//
// The registry holds types weakly: a type lives as long as a module, function or other type that uses it, so modules that
// come and go, refused ones among them, don't use the ids up. When all ids are taken those of dead types are given out
// again. A type holds the types it mentions; so while a key's type lives, the ids in the key mean what they meant.

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Anneal.Runtime;

namespace Anneal.Wasm;

/// <summary>Maps structurally equal function types of all modules of an engine to one object. Thread-safe.</summary>
internal sealed class TypeRegistry
{
    private readonly Lock gate = new();
    private readonly Dictionary<Key, WeakReference<FunctionType>> types = new(new KeyComparer());
    private readonly List<Entry> byId = [];
    private readonly Stack<Entry> free = new();

    /// <summary>Makes the registry of an engine, for <see cref="Engine.StateOf"/>.</summary>
    public static readonly Func<TypeRegistry> New = static () => new TypeRegistry();

    /// <summary>A canonical id that stands for "the type being defined" inside the spans given to <see cref="Intern"/>.</summary>
    public const int Self = ValueType.MaxCanonicalId;

    /// <summary>The one object for this type. References to itself are given as concrete types of id <see cref="Self"/>.</summary>
    /// <exception cref="WasmException">The engine has as many types as a value type can name.</exception>
    public FunctionType Intern(ReadOnlySpan<ValueType> parameters, ReadOnlySpan<ValueType> results)
    {
        var key = new Key(ArrayOf(parameters), ArrayOf(results));
        lock (gate)
        {
            if (types.TryGetValue(key, out WeakReference<FunctionType>? weak) && weak.TryGetTarget(out FunctionType? known)) return known;
            FunctionType[] mentioned = Mentioned(key);
            Entry entry = TakeEntry();
            var made = new FunctionType(entry.Id, Resolve(key.Parameters, entry.Id), Resolve(key.Results, entry.Id), mentioned);
            entry.Key = key;
            entry.Type = new WeakReference<FunctionType>(made);
            types[key] = entry.Type;
            return made;
        }
    }

    /// <summary>The type with this canonical id; whoever has the id from a live type or function may ask.</summary>
    public FunctionType this[int canonicalId]
    {
        get
        {
            lock (gate) return TypeOf(canonicalId);
        }
    }

    private FunctionType TypeOf(int canonicalId) =>
        byId[canonicalId].Type is { } weak && weak.TryGetTarget(out FunctionType? type)
            ? type
            : throw new InvalidOperationException($"engine bug: type {canonicalId} is used after its end");

    // An id never given out, or that of a dead type.
    private Entry TakeEntry()
    {
        if (byId.Count < Self)
        {
            var entry = new Entry { Id = byId.Count };
            byId.Add(entry);
            return entry;
        }

        if (free.Count == 0) FreeDeadTypes();
        return free.Count != 0 ? free.Pop() : throw new WasmException($"more than {Self} distinct types in one engine");
    }

    private void FreeDeadTypes()
    {
        GC.Collect();
        foreach (Entry entry in byId)
        {
            if (entry.Key is not { } key || entry.Type!.TryGetTarget(out _)) continue;
            // An equal type made since the death has an id of its own and the key.
            if (types.TryGetValue(key, out WeakReference<FunctionType>? current) && current == entry.Type) types.Remove(key);
            entry.Key = null;
            entry.Type = null;
            free.Push(entry);
        }
    }

    private FunctionType[] Mentioned(Key key)
    {
        int count = Mentions(key.Parameters) + Mentions(key.Results);
        if (count == 0) return EmptyArray<FunctionType>.Value;
        var mentioned = new FunctionType[count];
        int next = 0;
        foreach (ValueType type in key.Parameters) Add(type);
        foreach (ValueType type in key.Results) Add(type);
        return mentioned;

        void Add(ValueType type)
        {
            if (type.IsConcrete && type.CanonicalId != Self) mentioned[next++] = TypeOf(type.CanonicalId);
        }
    }

    private static int Mentions(ValueType[] types)
    {
        int count = 0;
        foreach (ValueType type in types)
        {
            if (type.IsConcrete && type.CanonicalId != Self) count++;
        }

        return count;
    }

    private static ValueType[] ArrayOf(ReadOnlySpan<ValueType> types) => types.IsEmpty ? EmptyArray<ValueType>.Value : types.ToArray();

    private static ImmutableArray<ValueType> Resolve(ValueType[] types, int self)
    {
        ValueType[] resolved = types;
        for (int i = 0; i < types.Length; i++)
        {
            if (!types[i].IsConcrete || types[i].CanonicalId != Self) continue;
            if (resolved == types) resolved = types.AsSpan().ToArray();
            resolved[i] = ValueType.Concrete(self, types[i].IsNullable);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(resolved);
    }

    // An id and the type that has it; without a key the id is free.
    private sealed class Entry
    {
        public required int Id { get; init; }

        public Key? Key { get; set; }

        public WeakReference<FunctionType>? Type { get; set; }
    }

    // A class with a comparer of its own, because those that the framework makes for structs are compiled at each start of a process.
    private sealed class Key(ValueType[] parameters, ValueType[] results)
    {
        public ValueType[] Parameters { get; } = parameters;

        public ValueType[] Results { get; } = results;
    }

    private sealed class KeyComparer : IEqualityComparer<Key>
    {
        public bool Equals(Key? a, Key? b) =>
            a!.Parameters.AsSpan().SequenceEqual(b!.Parameters) && a.Results.AsSpan().SequenceEqual(b.Results);

        public int GetHashCode(Key key)
        {
            var hash = default(HashCode);
            foreach (ValueType type in key.Parameters) hash.Add(type.Bits);
            hash.Add(-1);
            foreach (ValueType type in key.Results) hash.Add(type.Bits);
            return hash.ToHashCode();
        }
    }
}
