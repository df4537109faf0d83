using System.Runtime.CompilerServices;
using Xunit;

namespace Anneal.Wasm.Tests.Binary;

public sealed class TypeRegistryTests
{
    [Fact]
    public void Equal_types_are_one_object()
    {
        var registry = new TypeRegistry();
        FunctionType first = registry.Intern([ValueType.I32], [ValueType.I64]);
        Assert.Same(first, registry.Intern([ValueType.I32], [ValueType.I64]));
        Assert.NotSame(first, registry.Intern([ValueType.I64], [ValueType.I32]));
        Assert.Same(first, registry[first.CanonicalId]);
    }

    [Fact]
    public void A_type_that_mentions_itself_is_interned_too()
    {
        var registry = new TypeRegistry();
        ValueType self = ValueType.Concrete(TypeRegistry.Self, nullable: true);
        FunctionType first = registry.Intern([self], []);
        Assert.Same(first, registry.Intern([self], []));
        Assert.Equal(first.CanonicalId, first.Parameters[0].CanonicalId);
    }

    [Fact]
    public void Types_that_nothing_uses_give_their_ids_back()
    {
        var registry = new TypeRegistry();
        FunctionType kept = registry.Intern([ValueType.F32], [ValueType.F32]);
        FunctionType user = registry.Intern([ValueType.Concrete(kept.CanonicalId, nullable: false)], []);
        for (int round = 0; round < 3; round++) FillWithDead(registry, round);
        Assert.Same(kept, registry[kept.CanonicalId]);
        Assert.Same(kept, registry.Intern([ValueType.F32], [ValueType.F32]));
        Assert.Equal(1, user.MentionedCount);
    }

    [Fact]
    public void Live_types_use_the_ids_up()
    {
        var registry = new TypeRegistry();
        var held = new List<FunctionType>();
        for (int i = 0; i < TypeRegistry.Self; i++) held.Add(Distinct(registry, i, round: 0));
        var error = Assert.Throws<WasmException>(() => Distinct(registry, TypeRegistry.Self, round: 0));
        Assert.Contains("distinct types", error.Message, StringComparison.Ordinal);
        Assert.Equal(held.Count, held.Select(type => type.CanonicalId).Distinct().Count());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FillWithDead(TypeRegistry registry, int round)
    {
        for (int i = 0; i < 60_000; i++) Distinct(registry, i, round);
    }

    // The numbers in base 4, as parameter types; the round, as results.
    private static FunctionType Distinct(TypeRegistry registry, int number, int round)
    {
        ValueType[] digits = [ValueType.I32, ValueType.I64, ValueType.F32, ValueType.F64];
        var parameters = new ValueType[10];
        for (int i = 0; i < parameters.Length; i++, number >>= 2) parameters[i] = digits[number & 3];
        return registry.Intern(parameters, [digits[round]]);
    }
}
