using Anneal.Wasm.Validation;
using Xunit;

namespace Anneal.Wasm.Tests.Validation;

public sealed class SubtypingTests
{
    private static readonly ValueType func = ValueType.FuncRef;
    private static readonly ValueType concrete = ValueType.Concrete(7, nullable: true);

    [Fact]
    public void The_function_hierarchy()
    {
        ValueType none = ValueType.Reference(HeapKind.NoFunc, nullable: true);
        Assert.True(Subtyping.Matches(concrete, func));
        Assert.True(Subtyping.Matches(none, concrete));
        Assert.True(Subtyping.Matches(none, func));
        Assert.False(Subtyping.Matches(func, concrete));
        Assert.False(Subtyping.Matches(concrete, none));
        Assert.False(Subtyping.Matches(concrete, ValueType.Concrete(8, nullable: true)));
        Assert.False(Subtyping.Matches(none, ValueType.ExternRef));
        Assert.True(Subtyping.Matches(ValueType.Reference(HeapKind.NoExtern, nullable: false), ValueType.ExternRef));
        Assert.False(Subtyping.Matches(ValueType.ExternRef, func));
    }

    [Fact]
    public void Null_goes_where_null_is_admitted()
    {
        Assert.True(Subtyping.Matches(func.AsNonNullable, func));
        Assert.False(Subtyping.Matches(func, func.AsNonNullable));
        Assert.True(Subtyping.Matches(concrete.AsNonNullable, func.AsNonNullable));
        Assert.False(Subtyping.Matches(concrete, func.AsNonNullable));
    }

    [Fact]
    public void Bottom_is_below_everything()
    {
        Assert.True(Subtyping.Matches(ValueType.Bottom, ValueType.I32));
        Assert.True(Subtyping.Matches(ValueType.Bottom, func.AsNonNullable));
        Assert.False(Subtyping.Matches(ValueType.I32, ValueType.I64));
        Assert.False(Subtyping.Matches(ValueType.I32, func));
    }
}
