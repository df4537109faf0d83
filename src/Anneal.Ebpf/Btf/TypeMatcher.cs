// Compares an object's types with the target's, by three rules of different strictness, which are libbpf's: whether a field's
// type may stand for another one, whether a type is there, whether a type matches in all that the object knows of it. Both sides
// may be hostile and their types go around in circles: recursion is bounded, and so is the work of all comparisons together.

namespace Anneal.Ebpf.Btf;

/// <summary>Compares types of an object with those of a target.</summary>
internal sealed class TypeMatcher(BtfTypes own, BtfTypes target)
{
    private const int MaxDepth = 32;
    private const int MaxWork = 20_000_000;
    private int work;

    /// <summary>Whether a field of the one type may be accessed as the object does where it has the other type.</summary>
    public bool AreFieldsCompatible(int ownType, int targetType)
    {
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            Charge(1);
            BtfType mine = own[own.Resolve(ownType)], theirs = target[target.Resolve(targetType)];
            if (mine.IsComposite && theirs.IsComposite) return true;
            if (!IsSameKind(mine, theirs)) return false;
            switch (mine.Kind)
            {
                case BtfKind.Pointer or BtfKind.Float:
                    return true;
                case BtfKind.Forward or BtfKind.Enum or BtfKind.Enum64:
                    return mine.Name.Length == 0 || theirs.Name.Length == 0 || AreNamesEqual(mine.Name, theirs.Name);
                case BtfKind.Int:
                    // Integers with an offset are bit fields of old.
                    return own.IntegerOf(mine).Offset == 0 && target.IntegerOf(theirs).Offset == 0;
                case BtfKind.Array:
                    ownType = own.ArrayOf(mine).Element;
                    targetType = target.ArrayOf(theirs).Element;
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    /// <summary>Whether the target's type counts as the object's: kinds are equal, also of what is pointed to.</summary>
    public bool AreCompatible(int ownType, int targetType) => AreCompatible(ownType, targetType, 0);

    /// <summary>Whether the target's type has all that the object's has: members by name with types that match, constants by name.</summary>
    public bool IsMatch(int ownType, int targetType) => IsMatch(ownType, targetType, isBehindPointer: false, 0);

    /// <summary>The path in the target's type that has the names and indices of the object's; null if there's none.</summary>
    public AccessPath? Find(AccessPath wanted, int root)
    {
        var path = new AccessPath();
        int type = target.Resolve(root);
        for (int k = 0; k < wanted.Steps.Count; k++)
        {
            AccessStep step = wanted.Steps[k];
            if (step.Name is not null)
            {
                if (FindMember(path, type, step, 0) is not { } found) return null;
                type = target.Resolve(found);
                continue;
            }

            if (k > 0)
            {
                BtfType array = target[type];
                if (array.Kind != BtfKind.Array) return null;
                (int element, uint count) = target.ArrayOf(array);
                if (step.Index >= count && !path.EndsInFlexibleArray(target, count)) return null;
                type = target.Resolve(element);
            }

            if (!path.AddElement(target, type, step.Index)) return null;
        }

        return path;
    }

    /// <summary>The index of the constant of that name, flavors aside; -1 if there's none.</summary>
    public int FindEnumerator(string name, BtfType enumeration)
    {
        Charge(enumeration.Count);
        for (int i = 0; i < enumeration.Count; i++)
        {
            if (AreNamesEqual(name, target.EnumeratorName(enumeration, i))) return i;
        }

        return -1;
    }

    public static bool IsSameKind(BtfType a, BtfType b) => a.Kind == b.Kind || (a.IsEnumeration && b.IsEnumeration);

    // The member's type; what the path has taken through members without a name is taken back if it isn't there.
    private int? FindMember(AccessPath path, int type, AccessStep wanted, int depth)
    {
        BtfType composite = target[type];
        if (!composite.IsComposite) return null;
        if (depth == MaxDepth) throw TooMuch();
        Charge(composite.Count);
        for (int i = 0; i < composite.Count; i++)
        {
            BtfField field = target.Field(composite, i);
            if (field.Name.Length == 0)
            {
                path.Skip(field.BitOffset);
                if (FindMember(path, target.Resolve(field.Type), wanted, depth + 1) is { } found) return found;
                path.Unskip(field.BitOffset);
            }
            else if (field.Name == wanted.Name)
            {
                if (!AreFieldsCompatible(own.Field(own[wanted.Type], wanted.Index).Type, field.Type)) return null;
                path.AddMember(type, i, field);
                return field.Type;
            }
        }

        return null;
    }

    private bool AreCompatible(int ownType, int targetType, int depth)
    {
        for (; depth < MaxDepth; depth++)
        {
            Charge(1);
            BtfType mine = own[own.Resolve(ownType)], theirs = target[target.Resolve(targetType)];
            if (!IsSameKind(mine, theirs)) return false;
            switch (mine.Kind)
            {
                case BtfKind.Void or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Forward or BtfKind.Float:
                    return true;
                case BtfKind.Int:
                    return own.IntegerOf(mine).Offset == 0 && target.IntegerOf(theirs).Offset == 0;
                case BtfKind.Pointer:
                    (ownType, targetType) = (own.Referred(mine), target.Referred(theirs));
                    break;
                case BtfKind.Array:
                    (ownType, targetType) = (own.ArrayOf(mine).Element, target.ArrayOf(theirs).Element);
                    break;
                case BtfKind.Prototype:
                    if (mine.Count != theirs.Count) return false;
                    for (int i = 0; i < mine.Count; i++)
                    {
                        if (!AreCompatible(own.ParameterType(mine, i), target.ParameterType(theirs, i), depth + 1)) return false;
                    }

                    (ownType, targetType) = (own.Referred(mine), target.Referred(theirs));
                    break;
                default:
                    return false;
            }
        }

        throw TooMuch();
    }

    private bool IsMatch(int ownType, int targetType, bool isBehindPointer, int depth)
    {
        for (; depth < MaxDepth; depth++)
        {
            Charge(1);
            BtfType mine = own[own.Resolve(ownType)], theirs = target[target.Resolve(targetType)];
            if (!AreNamesEqual(mine.Name, theirs.Name)) return false;
            switch (mine.Kind)
            {
                case BtfKind.Enum or BtfKind.Enum64:
                    return theirs.IsEnumeration && HasEnumerators(mine, theirs);
                case BtfKind.Forward when isBehindPointer && theirs.IsComposite:
                    return mine.KindFlag == (theirs.Kind == BtfKind.Union);
                case BtfKind.Struct or BtfKind.Union when isBehindPointer && theirs.Kind == BtfKind.Forward:
                    return theirs.KindFlag == (mine.Kind == BtfKind.Union);
            }

            if (mine.Kind != theirs.Kind) return false;
            switch (mine.Kind)
            {
                case BtfKind.Void:
                    return true;
                case BtfKind.Forward:
                    return mine.KindFlag == theirs.KindFlag;
                case BtfKind.Struct or BtfKind.Union:
                    // What is only pointed to isn't looked into.
                    return isBehindPointer || HasMembers(mine, theirs, depth);
                case BtfKind.Int:
                    return mine.SizeOrType == theirs.SizeOrType && ((own.IntegerOf(mine).Encoding ^ target.IntegerOf(theirs).Encoding) & 1) == 0;
                case BtfKind.Float:
                    return mine.SizeOrType == theirs.SizeOrType;
                case BtfKind.Pointer:
                    isBehindPointer = true;
                    (ownType, targetType) = (own.Referred(mine), target.Referred(theirs));
                    break;
                case BtfKind.Array:
                    if (own.ArrayOf(mine).Count != target.ArrayOf(theirs).Count) return false;
                    (ownType, targetType) = (own.ArrayOf(mine).Element, target.ArrayOf(theirs).Element);
                    break;
                case BtfKind.Prototype:
                    if (mine.Count != theirs.Count) return false;
                    for (int i = 0; i < mine.Count; i++)
                    {
                        if (!IsMatch(own.ParameterType(mine, i), target.ParameterType(theirs, i), isBehindPointer: false, depth + 1)) return false;
                    }

                    (ownType, targetType) = (own.Referred(mine), target.Referred(theirs));
                    break;
                default:
                    return false;
            }
        }

        throw TooMuch();
    }

    private bool HasEnumerators(BtfType mine, BtfType theirs)
    {
        if (mine.Count > theirs.Count) return false;
        for (int i = 0; i < mine.Count; i++)
        {
            if (FindEnumerator(own.EnumeratorName(mine, i), theirs) < 0) return false;
        }

        return true;
    }

    private bool HasMembers(BtfType mine, BtfType theirs, int depth)
    {
        if (mine.Count > theirs.Count) return false;
        for (int i = 0; i < mine.Count; i++)
        {
            BtfField wanted = own.Field(mine, i);
            bool isThere = false;
            Charge(theirs.Count);
            for (int k = 0; k < theirs.Count && !isThere; k++)
            {
                BtfField field = target.Field(theirs, k);
                isThere = AreNamesEqual(wanted.Name, field.Name) && IsMatch(wanted.Type, field.Type, isBehindPointer: false, depth + 1);
            }

            if (!isThere) return false;
        }

        return true;
    }

    private bool AreNamesEqual(string a, string b)
    {
        // Names may be long.
        Charge((a.Length + b.Length) / 16);
        return BtfTypes.WithoutFlavor(a).SequenceEqual(BtfTypes.WithoutFlavor(b));
    }

    private void Charge(int steps)
    {
        work += steps;
        if (work > MaxWork) throw new ObjectFormatException(".BTF.ext", -1, "the CO-RE relocations take too many comparisons of types");
    }

    private static ObjectFormatException TooMuch() => new(".BTF.ext", -1, $"a CO-RE relocation compares types more than {MaxDepth} deep");
}
