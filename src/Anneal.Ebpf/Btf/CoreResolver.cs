// What CO-RE relocations make of instructions. Each is first looked up in the object's own types, which says what it asks for and
// what value the instruction has now; then in each target type of the same name and kind. No such type, or none that has the
// field: existence is 0, and anything else has no value. Neither has it where two types disagree, for nothing says which is meant.
//
// Without target types only the first is done: it finds what is wrong in the file, and the value stays. An object that is damaged
// is refused; what the target's types make impossible is an error of who comes to the instruction.

namespace Anneal.Ebpf.Btf;

/// <summary>Resolves the CO-RE relocations of one object.</summary>
internal sealed class CoreResolver(BtfTypes own, TargetTypes? target)
{
    // Paths of a hostile file may each take long.
    private const int MaxDistinct = 1 << 14;
    private const int MaxText = 200;
    private readonly Dictionary<(int Type, string Access, CoreRelocationKind Kind), CoreValue> known = [];
    private readonly Dictionary<int, List<int>> candidates = [];
    private readonly TypeMatcher? matcher = target is null ? null : new TypeMatcher(own, target.Types);

    /// <summary>Whether values can differ from what the compiler took.</summary>
    public bool HasTarget => target is not null;

    /// <summary>Resolves a relocation.</summary>
    /// <param name="relocation">The relocation.</param>
    /// <param name="section">The section that the instruction is in.</param>
    /// <exception cref="ObjectFormatException">It's damaged, or the target's types are.</exception>
    public CoreValue Resolve(CoreRelocation relocation, string section)
    {
        var key = (relocation.Type, relocation.Access, relocation.Kind);
        if (known.TryGetValue(key, out CoreValue value)) return value;
        if (target is null)
        {
            value = Compute(relocation, section);
        }
        else
        {
            lock (target.Gate) value = Compute(relocation, section);
        }

        if (known.Count == MaxDistinct) throw Invalid(relocation, section, $"more than {MaxDistinct} different ones");
        known.Add(key, value);
        return value;
    }

    private CoreValue Compute(CoreRelocation relocation, string section) => relocation.Kind switch
    {
        <= CoreRelocationKind.FieldRightShift => Field(relocation, section),
        CoreRelocationKind.EnumeratorExists or CoreRelocationKind.EnumeratorValue => Enumerator(relocation, section),
        _ => Type(relocation, section),
    };

    private CoreValue Field(CoreRelocation relocation, string section)
    {
        string? wrong = AccessPath.TryParse(own, relocation.Type, relocation.Access, out AccessPath path);
        FieldValue old = default;
        wrong ??= FieldValue.TryCompute(own, path, relocation.Kind, out old);
        if (wrong is not null) throw Invalid(relocation, section, wrong);
        string what = NameOf(relocation.Type, path);
        var result = new CoreValue { Old = old.Value, New = old.Value, IsOldSure = old.IsSure, OldSize = old.Size, NewSize = old.Size, What = what };
        if (matcher is null) return result;
        FieldValue? found = null;
        foreach (int candidate in Candidates(relocation))
        {
            if (matcher.Find(path, candidate) is not { } there) continue;
            if (FieldValue.TryCompute(target!.Types, there, relocation.Kind, out FieldValue one) is { } problem) return result with { Missing = $"{what} is {problem} in the target types" };
            if (found is { } other && (one.Value != other.Value || one.Size != other.Size)) return Ambiguous(result);
            found = one;
        }

        if (found is not { } value) return relocation.Kind == CoreRelocationKind.FieldExists ? result with { New = 0 } : result with { Missing = $"the target types have no {what}, or one of another kind" };
        return result with { New = value.Value, NewSize = value.Size, IsSizeFixed = old.Size != value.Size && !IsResizable(old.Type, value.Type) };
    }

    // Zeros above the value are right for pointers and unsigned numbers only.
    private bool IsResizable(int ownType, int targetType)
    {
        BtfType mine = own[ownType], theirs = target!.Types[targetType];
        if (mine.Kind == BtfKind.Pointer && theirs.Kind == BtfKind.Pointer) return true;
        return mine.Kind == BtfKind.Int && theirs.Kind == BtfKind.Int && ((own.IntegerOf(mine).Encoding | target.Types.IntegerOf(theirs).Encoding) & 1) == 0;
    }

    private CoreValue Enumerator(CoreRelocation relocation, string section)
    {
        BtfType enumeration = own[own.Resolve(relocation.Type)];
        if (!enumeration.IsEnumeration) throw Invalid(relocation, section, $"a constant of {own.Describe(relocation.Type)}, which isn't an enumeration");
        if (!int.TryParse(relocation.Access, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int index) || index >= enumeration.Count)
            throw Invalid(relocation, section, $"constant {relocation.Access} of {enumeration.Count}");
        string name = own.EnumeratorName(enumeration, index), what = $"{own.Describe(relocation.Type)}'s constant {name}";
        bool asksValue = relocation.Kind == CoreRelocationKind.EnumeratorValue;
        ulong old = asksValue ? own.EnumeratorValue(enumeration, index) : 1;
        // Whether a constant of 32 bits is negative isn't always said, and then the instruction may have it either way.
        bool isSure = !asksValue || enumeration.Kind == BtfKind.Enum64 || enumeration.KindFlag || (long)old >= 0;
        var result = new CoreValue { Old = old, New = old, IsOldSure = isSure, What = what };
        if (matcher is null) return result;
        ulong? found = null;
        foreach (int candidate in Candidates(relocation))
        {
            BtfType there = target!.Types[target.Types.Resolve(candidate)];
            int at = there.IsEnumeration ? matcher.FindEnumerator(name, there) : -1;
            if (at < 0) continue;
            ulong value = asksValue ? target.Types.EnumeratorValue(there, at) : 1;
            if (found is not null && found != value) return Ambiguous(result);
            found = value;
        }

        if (found is null && asksValue) return result with { Missing = $"the target types have no {what}" };
        return result with { New = found ?? 0 };
    }

    private CoreValue Type(CoreRelocation relocation, string section)
    {
        string what = own.Describe(relocation.Type);
        if (relocation.Access != "0") throw Invalid(relocation, section, $"\"{relocation.Access}\" in a type as a whole");
        ulong old = relocation.Kind switch
        {
            CoreRelocationKind.TypeIdLocal or CoreRelocationKind.TypeIdTarget => (ulong)relocation.Type,
            CoreRelocationKind.TypeSize => (ulong)own.SizeOf(relocation.Type),
            _ => 1,
        };
        bool isId = relocation.Kind is CoreRelocationKind.TypeIdLocal or CoreRelocationKind.TypeIdTarget;
        // Linking may have given types other numbers than the instructions have.
        var result = new CoreValue { Old = old, New = old, IsOldSure = !isId, What = what };
        if (matcher is null || relocation.Kind == CoreRelocationKind.TypeIdLocal) return result;
        ulong? found = null;
        foreach (int candidate in Candidates(relocation))
        {
            if (relocation.Kind == CoreRelocationKind.TypeMatches ? !matcher.IsMatch(relocation.Type, candidate) : !matcher.AreCompatible(relocation.Type, candidate)) continue;
            ulong value = relocation.Kind switch
            {
                CoreRelocationKind.TypeIdTarget => (ulong)candidate,
                CoreRelocationKind.TypeSize => (ulong)target!.Types.SizeOf(candidate),
                _ => 1,
            };
            if (found is not null && found != value) return Ambiguous(result);
            found = value;
        }

        // A type that isn't there has number and size 0.
        return result with { New = found ?? 0 };
    }

    private List<int> Candidates(CoreRelocation relocation)
    {
        if (candidates.TryGetValue(relocation.Type, out List<int>? list)) return list;
        candidates.Add(relocation.Type, list = target!.Find(own[relocation.Type]));
        return list;
    }

    private string NameOf(int root, AccessPath path)
    {
        var text = new System.Text.StringBuilder(own.Describe(root));
        foreach (AccessStep step in path.Steps.Skip(1))
        {
            if (text.Length > MaxText) return $"{text.ToString(0, MaxText)}...";
            if (step.Name is null) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"[{step.Index}]");
            else text.Append('.').Append(step.Name);
        }

        return text.ToString();
    }

    private static ObjectFormatException Invalid(CoreRelocation relocation, string section, string message) =>
        new(section, relocation.Offset, $"CO-RE relocation ({relocation.Kind} of type {relocation.Type}): {message}");

    private static CoreValue Ambiguous(CoreValue value) => value with { Missing = $"the target has several types for {value.What}, which differ in it" };
}
