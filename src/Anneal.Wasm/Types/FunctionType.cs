// A function type as the engine knows it: interned, so that two equal types of two modules are one object with one
// canonical id. Emitted code compares the id; everything else compares references.

using System.Collections.Immutable;

namespace Anneal.Wasm;

/// <summary>The type of a function: its parameter and result types (section 2.3.8 of the specification).</summary>
public sealed class FunctionType
{
    // Types that this one refers to by id alone: held so that their ids stay theirs.
    private readonly FunctionType[] mentioned;

    internal FunctionType(int canonicalId, ImmutableArray<ValueType> parameters, ImmutableArray<ValueType> results, FunctionType[] mentioned)
    {
        this.mentioned = mentioned;
        CanonicalId = canonicalId;
        Parameters = parameters;
        Results = results;
        ParameterSlots = SlotsOf(parameters);
        ResultSlots = SlotsOf(results);
    }

    /// <summary>The type with these parameters and results in an engine. Equal types of one engine are one object.</summary>
    /// <exception cref="WasmException">The engine has as many types as there can be.</exception>
    public static FunctionType Create(Engine engine, ReadOnlySpan<ValueType> parameters, ReadOnlySpan<ValueType> results)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return engine.StateOf(TypeRegistry.New).Intern(parameters, results);
    }

    /// <summary>The parameter types, in order.</summary>
    public ImmutableArray<ValueType> Parameters { get; }

    /// <summary>The result types, in order.</summary>
    public ImmutableArray<ValueType> Results { get; }

    /// <summary>The engine-wide identity of this type.</summary>
    internal int CanonicalId { get; }

    /// <summary>The number of slots that the parameters take.</summary>
    internal int ParameterSlots { get; }

    /// <summary>The number of slots that the results take.</summary>
    internal int ResultSlots { get; }

    /// <summary>How many types it refers to.</summary>
    internal int MentionedCount => mentioned.Length;

    /// <summary>The type in the notation of the text format.</summary>
    public override string ToString() => $"[{string.Join(' ', Parameters)}] -> [{string.Join(' ', Results)}]";

    private static int SlotsOf(ImmutableArray<ValueType> types)
    {
        int slots = 0;
        foreach (ValueType type in types) slots += type.SlotCount;
        return slots;
    }
}
