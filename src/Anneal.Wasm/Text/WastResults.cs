using System.Collections.Immutable;

namespace Anneal.Wasm.Text;

/// <summary>What an action gave: the values' slots, a vector in two, and their types.</summary>
internal readonly record struct WastResults(ulong[] Slots, ImmutableArray<ValueType> Types);
