// The way from a type to a field in it. The object's own paths are numbers with colons between: an index of the type itself as of
// an array, then a member's or element's index for each step. Members without a name are gone through and leave no step: in the
// target types the field may be in other unnamed structures, or none.

using System.Globalization;

namespace Anneal.Ebpf.Btf;

/// <summary>A path of members and elements, with the offset where it ends.</summary>
internal sealed class AccessPath
{
    /// <summary>The most steps of a path.</summary>
    public const int MaxSteps = 64;

    private readonly List<AccessStep> steps = [];

    /// <summary>The steps; the first is an element of the root type.</summary>
    public IReadOnlyList<AccessStep> Steps => steps;

    /// <summary>The offset of the field that it ends at, in bits.</summary>
    public long BitOffset { get; private set; }

    /// <summary>The last step.</summary>
    public AccessStep Last => steps[^1];

    /// <summary>Reads a path in a type.</summary>
    /// <returns>What is wrong with it; null if it's fine.</returns>
    public static string? TryParse(BtfTypes types, int root, string text, out AccessPath path)
    {
        path = new AccessPath();
        if (text.Count(':') >= MaxSteps) return $"more than {MaxSteps} steps";
        string[] numbers = text.Split(':');
        int type = types.Resolve(root);
        for (int k = 0; k < numbers.Length; k++)
        {
            if (!int.TryParse(numbers[k], NumberStyles.None, CultureInfo.InvariantCulture, out int index)) return $"\"{numbers[k]}\" isn't an index";
            BtfType one = types[type];
            if (k == 0)
            {
                if (!path.AddElement(types, type, index)) return "an offset that is too large";
            }
            else if (one.IsComposite)
            {
                if (index >= one.Count) return $"member {index} of {types.Describe(type)}, which has {one.Count}";
                BtfField field = types.Field(one, index);
                path.AddMember(type, index, field);
                type = types.Resolve(field.Type);
            }
            else if (one.Kind == BtfKind.Array)
            {
                (int element, uint count) = types.ArrayOf(one);
                if (index >= count && !path.EndsInFlexibleArray(types, count)) return $"element {index} of {count}";
                type = types.Resolve(element);
                if (!path.AddElement(types, type, index)) return "an offset that is too large";
            }
            else
            {
                return $"a member of {types.Describe(type)}, which has none";
            }
        }

        return null;
    }

    /// <summary>Adds an element's step; false if its offset is too large.</summary>
    public bool AddElement(BtfTypes types, int type, int index)
    {
        if (index != 0 && !Advance((UInt128)(uint)index * (ulong)types.SizeOf(type) * 8)) return false;
        steps.Add(new AccessStep(type, index, null));
        return true;
    }

    /// <summary>Adds a member's offset and, if it has a name, its step.</summary>
    public void AddMember(int type, int index, BtfField field)
    {
        BitOffset += field.BitOffset;
        if (field.Name.Length != 0) steps.Add(new AccessStep(type, index, field.Name));
    }

    /// <summary>Goes through a member without a name.</summary>
    public void Skip(uint bits) => BitOffset += bits;

    /// <summary>Takes back <see cref="Skip"/>.</summary>
    public void Unskip(uint bits) => BitOffset -= bits;

    /// <summary>Whether the array of so many elements that the path has come to is one without an end: a structure's last member, of no elements.</summary>
    public bool EndsInFlexibleArray(BtfTypes types, uint count) =>
        count == 0 && Last.Name is not null && Last.Index == types[Last.Type].Count - 1;

    // A path has 64 steps, and a member's offset 32 bits, so that a long doesn't overflow.
    private bool Advance(UInt128 bits)
    {
        if (bits > int.MaxValue * 8UL) return false;
        BitOffset += (long)bits;
        return true;
    }
}
