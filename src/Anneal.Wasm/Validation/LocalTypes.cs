// The types of one function's locals. 50,000 locals take five bytes to declare, so expanding them would let a module of
// small functions cost a thousand times its size: the first ones, which code uses, are expanded; the rest stay in the
// run-length form of the declaration and are searched. Reused from function to function.

namespace Anneal.Wasm.Validation;

/// <summary>Parameters and locals of the function being validated.</summary>
internal sealed unsafe class LocalTypes
{
    /// <summary>How many locals are expanded.</summary>
    public const int Expanded = 1024;

    private readonly uint[] expanded = GC.AllocateUninitializedArray<uint>(Expanded, pinned: true);
    private uint[] groupEnds = new uint[64];
    private ValueType[] groupTypes = new ValueType[64];
    private int groups;

    // Locals without default value: which have been assigned, as the number of the function that did so, and in what order.
    private int[] assignedIn = [];
    private int[] assigned = new int[16];
    private int epoch;

    /// <summary>The types of the locals below <see cref="ExpandedCount"/>; never moves.</summary>
    public uint* Types => (uint*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref expanded[0]);

    /// <summary>How many locals there are.</summary>
    public uint Count { get; private set; }

    /// <summary>How many of them can be looked up in <see cref="Types"/>.</summary>
    public uint ExpandedCount => Math.Min(Count, Expanded);

    /// <summary>How many locals without default value have been assigned so far on the path to here.</summary>
    public int AssignedCount { get; private set; }

    /// <summary>Starts a function with its parameters.</summary>
    public void Start(ReadOnlySpan<ValueType> parameters)
    {
        Count = 0;
        groups = 0;
        epoch++;
        foreach (ValueType type in parameters) Declare(1, type);
        for (int i = 0; i < parameters.Length; i++)
        {
            if (!parameters[i].IsDefaultable) Assign((uint)i);
        }

        AssignedCount = 0;
    }

    /// <summary>Declares locals; the caller has checked that there aren't too many.</summary>
    public void Declare(uint count, ValueType type)
    {
        if (count == 0) return;
        // A loop: Span.Fill would be compiled at each start of a process.
        for (uint i = Count, end = (uint)Math.Min((ulong)Count + count, Expanded); i < end; i++) expanded[i] = type.Bits;
        Count += count;
        if (groups == groupEnds.Length)
        {
            Array.Resize(ref groupEnds, groups * 2);
            Array.Resize(ref groupTypes, groups * 2);
        }

        groupEnds[groups] = Count;
        groupTypes[groups++] = type;
    }

    /// <summary>The type of a local below <see cref="Count"/>.</summary>
    public ValueType this[uint index]
    {
        get
        {
            if (index < Expanded) return new ValueType(expanded[index]);
            int found = Array.BinarySearch(groupEnds, 0, groups, index + 1);
            return groupTypes[found >= 0 ? found : ~found];
        }
    }

    /// <summary>Whether a local without default value has been assigned.</summary>
    public bool IsAssigned(uint index) => index < (uint)assignedIn.Length && assignedIn[index] == epoch;

    /// <summary>Notes the assignment of a local without default value.</summary>
    public void Assign(uint index)
    {
        if (IsAssigned(index)) return;
        if (index >= (uint)assignedIn.Length) Array.Resize(ref assignedIn, Math.Max((int)index + 1, assignedIn.Length * 2));
        if (AssignedCount == assigned.Length) Array.Resize(ref assigned, AssignedCount * 2);
        assignedIn[index] = epoch;
        assigned[AssignedCount++] = (int)index;
    }

    /// <summary>Forgets all assignments but the first <paramref name="count"/>: the block that made them ends.</summary>
    public void Forget(int count)
    {
        while (AssignedCount > count) assignedIn[assigned[--AssignedCount]] = 0;
    }
}
