// What a helper may read through the values that one call gives it: values that it prints (%s), or an address that it probes. All memory
// that a run owns is found by its address when the call is made (RunContext.Readable), but not the stack: pointers are stored
// there, and behind a frame is memory of the host's. Whatever points into the stack is known to the verifier, and how many bytes from there
// are data. It must be so on all paths, since a number that happens to be such an address must find nothing.

namespace Anneal.Ebpf.Verification;

/// <summary>For each value of a call: bytes of the stack that may be read from where it points.</summary>
internal sealed class ProbedValues(int count)
{
    /// <summary>The helper may not even see the value: it may be an address, or not be initialized.</summary>
    public const int Withheld = -1;

    // Merged over paths: anything but a pointer into the stack; nothing known yet. Null counts as any number: states in which a number differs
    // may cover each other.
    private const int Number = 0, Unseen = int.MaxValue;

    private readonly int[] limits = Fill(count);

    /// <summary>Bytes of the stack that may be read through a value; 0 if it doesn't point there, or <see cref="Withheld"/>.</summary>
    public int this[int index] => (uint)index >= (uint)limits.Length || limits[index] == Unseen ? 0 : limits[index];

    /// <summary>Notes that a value may not be seen on one path.</summary>
    public void Withhold(int index) => limits[index] = Withheld;

    /// <summary>Notes a number, or a pointer to anything but the stack (which may point beyond it); false if it's a pointer into the stack on another path.</summary>
    public bool NoteNumber(int index)
    {
        ref int limit = ref limits[index];
        if (limit is > Number and < Unseen) return false;
        if (limit != Withheld) limit = Number;
        return true;
    }

    /// <summary>Notes a pointer into the stack, and how many bytes from there are data; false if it's something else on another path.</summary>
    public bool NoteStack(int index, int bytes)
    {
        ref int limit = ref limits[index];
        if (limit == Number) return false;
        if (limit != Withheld) limit = Math.Min(limit, bytes);
        return true;
    }

    private static int[] Fill(int count)
    {
        var limits = new int[count];
        for (int i = 0; i < count; i++) limits[i] = Unseen;
        return limits;
    }
}
