// Interning of function types, engine-wide. A recursion group is reduced to a key of words in which references into
// the group itself are relative and all others are canonical ids; equal keys are the same type. Groups are singletons
// today; the key's form is ready for larger ones.

using System.Collections.Immutable;

namespace Anneal.Wasm;

/// <summary>Maps structurally equal function types of all modules of an engine to one object. Thread-safe.</summary>
internal sealed class TypeRegistry
{
    private readonly Lock gate = new();
    private readonly Dictionary<Key, FunctionType> types = [];
    private readonly List<FunctionType> byId = [];

    /// <summary>A canonical id that stands for "the type being defined" inside the spans given to <see cref="Intern"/>.</summary>
    public const int Self = ValueType.MaxCanonicalId;

    /// <summary>The one object for this type. References to itself are given as concrete types of id <see cref="Self"/>.</summary>
    /// <exception cref="WasmException">The engine has as many types as a value type can name.</exception>
    public FunctionType Intern(ReadOnlySpan<ValueType> parameters, ReadOnlySpan<ValueType> results)
    {
        var key = new Key([.. parameters], [.. results]);
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

    private static ImmutableArray<ValueType> Resolve(ImmutableArray<ValueType> types, int self)
    {
        ImmutableArray<ValueType> resolved = types;
        for (int i = 0; i < types.Length; i++)
        {
            if (types[i].IsConcrete && types[i].CanonicalId == Self)
                resolved = resolved.SetItem(i, ValueType.Concrete(self, types[i].IsNullable));
        }

        return resolved;
    }

    private readonly record struct Key(ImmutableArray<ValueType> Parameters, ImmutableArray<ValueType> Results)
    {
        public bool Equals(Key other) =>
            Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan()) && Results.AsSpan().SequenceEqual(other.Results.AsSpan());

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (ValueType type in Parameters) hash.Add(type.Bits);
            hash.Add(-1);
            foreach (ValueType type in Results) hash.Add(type.Bits);
            return hash.ToHashCode();
        }
    }
}
