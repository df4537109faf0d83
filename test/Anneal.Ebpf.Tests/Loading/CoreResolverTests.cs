// Comparison of types and resolution of relocations, over type information that no compiler at hand makes.

using Anneal.Ebpf.Btf;
using Xunit;

namespace Anneal.Ebpf.Tests.Loading;

public sealed class CoreResolverTests
{
    [Fact]
    public void A_flavor_is_what_follows_three_underscores()
    {
        Assert.Equal("event", Without("event___v2"));
        Assert.Equal("event___a", Without("event___a___b"));
        Assert.Equal("event__v2", Without("event__v2"));
        Assert.Equal("event____v2", Without("event____v2"));
        Assert.Equal("___v2", Without("___v2"));
        Assert.Equal("event___", Without("event___"));
        Assert.Equal("", Without(""));

        static string Without(string name) => BtfTypes.WithoutFlavor(name).ToString();
    }

    [Fact]
    public void A_type_matches_if_it_has_all_that_is_asked_of_it()
    {
        (BtfBuilder own, BtfBuilder target) = (new(), new());
        int o32 = own.AddInt("int", 4, signed: true), t32 = target.AddInt("int", 4, signed: true), u32 = target.AddInt("int", 4), t64 = target.AddInt("int", 8, signed: true);
        int small = own.AddStruct("s", 8, ("a", o32, 0), ("b", o32, 32));
        Assert.True(Matches(small, target.AddStruct("s", 16, ("x", t64, 0), ("b", t32, 64), ("a", t32, 96))));
        Assert.True(Matches(small, target.AddStruct("s___new", 8, ("a", t32, 0), ("b", t32, 32))));
        Assert.False(Matches(small, target.AddStruct("t", 8, ("a", t32, 0), ("b", t32, 32))));
        Assert.False(Matches(small, target.AddStruct("s", 4, ("a", t32, 0))));
        Assert.False(Matches(small, target.AddStruct("s", 8, ("a", t32, 0), ("c", t32, 32))));
        Assert.False(Matches(small, target.AddStruct("s", 8, ("a", t32, 0), ("b", u32, 32))));
        Assert.False(Matches(small, target.AddStruct("s", 8, ("a", t32, 0), ("b", t64, 32))));

        int wanted = own.AddEnum("e", false, ("A", 1), ("B", 2));
        Assert.True(Matches(wanted, target.AddEnum("e", false, ("B", 7), ("A", 1), ("C", 2))));
        Assert.False(Matches(wanted, target.AddEnum("e", false, ("A", 1), ("C", 2))));
        Assert.True(Matches(wanted, target.Add(BtfBuilder.Enum64, "e", 8, 2, false, target.Name("A"), 1, 0, target.Name("B"), 2, 0)));

        // What is pointed to counts by name and kind only, and may be a declaration.
        int pointer = own.Add(BtfBuilder.Pointer, "", (uint)small);
        Assert.True(Matches(pointer, target.Add(BtfBuilder.Pointer, "", (uint)target.AddStruct("s", 0))));
        Assert.True(Matches(pointer, target.Add(BtfBuilder.Pointer, "", (uint)target.Add(BtfBuilder.Forward, "s", 0))));
        Assert.False(Matches(pointer, target.Add(BtfBuilder.Pointer, "", (uint)target.Add(BtfBuilder.Forward, "s", 0, flag: true))));
        Assert.False(Matches(pointer, target.Add(BtfBuilder.Pointer, "", (uint)t32)));

        int array = own.Add(BtfBuilder.Array, "", 0, words: [(uint)o32, (uint)o32, 4]);
        Assert.True(Matches(array, target.Add(BtfBuilder.Array, "", 0, words: [(uint)t32, (uint)t32, 4])));
        Assert.False(Matches(array, target.Add(BtfBuilder.Array, "", 0, words: [(uint)t32, (uint)t32, 5])));
        Assert.False(Matches(array, target.Add(BtfBuilder.Array, "", 0, words: [(uint)t64, (uint)t32, 4])));

        int function = own.Add(BtfBuilder.Prototype, "", (uint)o32, 1, false, own.Name("x"), (uint)o32);
        Assert.True(Matches(function, target.Add(BtfBuilder.Prototype, "", (uint)t32, 1, false, target.Name("y"), (uint)t32)));
        Assert.False(Matches(function, target.Add(BtfBuilder.Prototype, "", (uint)t32, 1, false, target.Name("x"), (uint)t64)));
        Assert.False(Matches(function, target.Add(BtfBuilder.Prototype, "", (uint)t64, 1, false, target.Name("x"), (uint)t32)));
        Assert.False(Matches(function, target.Add(BtfBuilder.Prototype, "", (uint)t32)));

        bool Matches(int mine, int theirs) => new TypeMatcher(BtfTypes.Read(own.ToArray()), BtfTypes.Read(target.ToArray())).IsMatch(mine, theirs);
    }

    [Fact]
    public void A_type_is_compatible_if_its_kind_is_the_same()
    {
        (BtfBuilder own, BtfBuilder target) = (new(), new());
        int o = own.AddInt("int", 4), t = target.AddInt("long", 8), s = own.AddStruct("s", 4, ("a", o, 0));
        Assert.True(Compatible(o, t));
        Assert.True(Compatible(s, target.AddStruct("other", 0)));
        Assert.False(Compatible(s, t));
        Assert.True(Compatible(own.Add(BtfBuilder.Typedef, "x", (uint)s), target.AddStruct("other", 0)));
        Assert.True(Compatible(own.Add(BtfBuilder.Pointer, "", (uint)s), target.Add(BtfBuilder.Pointer, "", (uint)target.AddStruct("other", 0))));
        Assert.False(Compatible(own.Add(BtfBuilder.Pointer, "", (uint)s), target.Add(BtfBuilder.Pointer, "", (uint)t)));
        int function = own.Add(BtfBuilder.Prototype, "", 0, 1, false, 0, (uint)o);
        Assert.True(Compatible(function, target.Add(BtfBuilder.Prototype, "", 0, 1, false, 0, (uint)t)));
        Assert.False(Compatible(function, target.Add(BtfBuilder.Prototype, "", (uint)t, 1, false, 0, (uint)t)));

        bool Compatible(int mine, int theirs) => new TypeMatcher(BtfTypes.Read(own.ToArray()), BtfTypes.Read(target.ToArray())).AreCompatible(mine, theirs);
    }

    [Fact]
    public void Types_that_go_around_in_circles_end()
    {
        // A pointer to itself, and a function that takes itself four times.
        var types = new BtfBuilder();
        types.Add(BtfBuilder.Pointer, "", 1);
        types.Add(BtfBuilder.Prototype, "", 0, 4, false, 0, 2, 0, 2, 0, 2, 0, 2);
        types.AddStruct("s", 8, ("", 3, 0), ("", 3, 0), ("", 3, 0));
        BtfTypes read = BtfTypes.Read(types.ToArray());
        for (int type = 1; type <= 3; type++)
        {
            var matcher = new TypeMatcher(read, read);
            Assert.Throws<ObjectFormatException>(() => matcher.IsMatch(type, type));
            if (type < 3) Assert.Throws<ObjectFormatException>(() => matcher.AreCompatible(type, type));
        }
    }

    [Fact]
    public void Constants_have_the_sign_and_width_of_their_types()
    {
        (BtfBuilder own, BtfBuilder target) = (new(), new());
        own.AddEnum("e", true, ("LOW", -3));
        own.Add(BtfBuilder.Enum64, "f", 8, 1, false, own.Name("HIGH"), 1, 2);
        target.Add(BtfBuilder.Enum64, "e", 8, 1, true, target.Name("LOW___old"), 0xFFFF_FFFF, 0x7FFF_FFFF);
        target.AddEnum("f", true, ("HIGH", -9));
        CoreResolver resolver = Resolver(own, target);
        CoreValue low = resolver.Resolve(new CoreRelocation(0, 1, "0", CoreRelocationKind.EnumeratorValue), "x");
        Assert.Equal((unchecked((ulong)-3), true, 0x7FFF_FFFF_FFFF_FFFFUL), (low.Old, low.IsOldSure, low.New));
        CoreValue high = resolver.Resolve(new CoreRelocation(0, 2, "0", CoreRelocationKind.EnumeratorValue), "x");
        Assert.Equal((0x2_0000_0001UL, true, unchecked((ulong)-9)), (high.Old, high.IsOldSure, high.New));

        // An immediate of 32 bits takes the one, and not the other.
        Instruction[] code = [new(0xB7, 1, 0, 0, -3)];
        Assert.Contains("doesn't fit", Elf.CorePatch.Apply(code, 0, low, false, "x", 0), StringComparison.Ordinal);
        Assert.True(code[0].IsHelperCall);
        code = [new(0x18, 1, 0, 0, -3), new(0, 0, 0, 0, -1)];
        Assert.Null(Elf.CorePatch.Apply(code, 0, low, false, "x", 0));
        Assert.Equal((-1, 0x7FFF_FFFF), (code[0].Immediate, code[1].Immediate));
        code = [new(0xB7, 1, 0, 0, 5)];
        Assert.Throws<ObjectFormatException>(() => Elf.CorePatch.Apply(code, 0, low, false, "x", 0));
    }

    [Theory]
    [InlineData(3, "0:2", CoreRelocationKind.FieldByteOffset, "member 2 of struct s, which has 2")]
    [InlineData(3, "0:0:0", CoreRelocationKind.FieldByteOffset, "a member of int, which has none")]
    [InlineData(3, "0:1:4", CoreRelocationKind.FieldByteOffset, "element 4 of 4")]
    [InlineData(3, "0:1:3", CoreRelocationKind.FieldSigned, "FieldSigned of an array's element")]
    [InlineData(3, "0:-1", CoreRelocationKind.FieldExists, "\"-1\" isn't an index")]
    [InlineData(3, "", CoreRelocationKind.FieldExists, "\"\" isn't an index")]
    [InlineData(3, "99999999999", CoreRelocationKind.FieldExists, "isn't an index")]
    [InlineData(3, "2000000000", CoreRelocationKind.FieldByteOffset, "an offset that is too large")]
    [InlineData(3, "0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0", CoreRelocationKind.FieldExists, "more than 64 steps")]
    [InlineData(3, "0:1", CoreRelocationKind.TypeSize, "in a type as a whole")]
    [InlineData(3, "0", CoreRelocationKind.EnumeratorValue, "struct s, which isn't an enumeration")]
    [InlineData(4, "1", CoreRelocationKind.EnumeratorExists, "constant 1 of 1")]
    internal void A_damaged_relocation_says_what_and_where(int type, string access, CoreRelocationKind kind, string message)
    {
        var own = new BtfBuilder();
        int number = own.AddInt("int", 4), array = own.Add(BtfBuilder.Array, "", 0, words: [(uint)number, (uint)number, 4]);
        own.AddStruct("s", 20, ("a", number, 0), ("b", array, 32));
        own.AddEnum("e", false, ("A", 1));
        var resolver = new CoreResolver(BtfTypes.Read(own.ToArray()), null);
        var error = Assert.Throws<ObjectFormatException>(() => resolver.Resolve(new CoreRelocation(24, type, access, kind), "xdp"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(("xdp", 24L), (error.Where, error.Offset));
    }

    [Fact]
    public void The_last_array_of_no_elements_has_any()
    {
        (BtfBuilder own, BtfBuilder target) = (new(), new());
        foreach (BtfBuilder types in new[] { own, target })
        {
            int number = types.AddInt("int", 4), array = types.Add(BtfBuilder.Array, "", 0, words: [(uint)number, (uint)number, 0]);
            if (types == own) types.AddStruct("s", 4, ("n", number, 0), ("rest", array, 32));
            else types.AddStruct("s", 8, ("m", number, 0), ("n", number, 32), ("rest", array, 64));
        }

        CoreValue value = Resolver(own, target).Resolve(new CoreRelocation(0, 3, "0:1:5", CoreRelocationKind.FieldByteOffset), "x");
        Assert.Equal((24UL, 28UL), (value.Old, value.New));
    }

    private static CoreResolver Resolver(BtfBuilder own, BtfBuilder target) => new(BtfTypes.Read(own.ToArray()), TargetTypes.Parse(target.ToArray()));
}
