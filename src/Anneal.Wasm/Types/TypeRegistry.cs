// Interning of function types, engine-wide. A recursion group is reduced to a key of words in which references into
// the group itself are relative and all others are canonical ids; equal keys are the same type. Groups are singletons
// today; the key's form is ready for larger ones.

using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Anneal.Runtime;

namespace Anneal.Wasm;

/// <summary>Maps structurally equal function types of all modules of an engine to one object. Thread-safe.</summary>
internal sealed class TypeRegistry
{
    private readonly Lock gate = new();
    private readonly Dictionary<Key, FunctionType> types = new(new KeyComparer());
    private readonly List<FunctionType> byId = [];

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
            if (types.TryGetValue(key, out FunctionType? known)) return known;
            if (byId.Count >= Self) throw new WasmException($"more than {Self} distinct types in one engine");
            int id = byId.Count;
            var made = new FunctionType(id, Resolve(key.Parameters, id), Resolve(key.Results, id));
            types.Add(key, made);
            byId.Add(made);
            return made;
        }
    }

    /// <summary>The type with this canonical id.</summary>
    public FunctionType this[int canonicalId]
    {
        get
        {
            lock (gate) return byId[canonicalId];
        }
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
