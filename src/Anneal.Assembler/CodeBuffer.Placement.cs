// From buffer to final place. Whatever depends on where the code ends up is recorded while emitting and written here, into
// the copy; the buffer itself stays position-independent and can be placed again.

using System.Runtime.CompilerServices;

namespace Anneal.Assembler;

internal sealed unsafe partial class CodeBuffer
{
    private Relocation[] _relocations = new Relocation[32];
    private int _relocationCount;

    /// <summary>The relocations recorded so far.</summary>
    public ReadOnlySpan<Relocation> Relocations => _relocations.AsSpan(0, _relocationCount);

    /// <summary>
    /// Records that the 4 bytes at <paramref name="field"/>, the last of their instruction, hold the distance to an
    /// absolute address.
    /// </summary>
    public void AddRelocation(int field, nint target) => Add(new Relocation(field, RelocationKind.Relative32, target, 0));

    /// <summary>Records that the 8 bytes at <paramref name="field"/> hold the address of a label.</summary>
    public void AddRelocation(int field, Label label)
    {
        _ = StateOf(label);
        Add(new Relocation(field, RelocationKind.LabelAddress64, label.Id, 0));
    }

    /// <summary>Emits the 8-byte address of a label as data.</summary>
    public void DataLabelAddress(Label label)
    {
        AddRelocation(Position, label);
        Int64(0);
    }

    /// <summary>Emits a 4-byte jump table entry: how far <paramref name="label"/> is from <paramref name="tableBase"/>.</summary>
    public void DataLabelDifference(Label label, Label tableBase)
    {
        int target = StateOf(label);
        int origin = StateOf(tableBase);
        if (target < 0 || origin < 0)
        {
            Add(new Relocation(Position, RelocationKind.LabelDifference32, label.Id, tableBase.Id));
            Int32(0);
            return;
        }
        Int32(target - origin);
    }

    /// <summary>
    /// Copies the code to <paramref name="writable"/>, where there is room for <see cref="Position"/> bytes, as it has to be to
    /// run at <paramref name="executable"/>: the same memory seen through another mapping, or another address altogether.
    /// </summary>
    /// <exception cref="InvalidOperationException">A label in use isn't bound, literals aren't placed, or an external
    /// target is out of a 32-bit displacement's reach.</exception>
    /// <exception cref="ArgumentException">The address isn't a multiple of <see cref="RequiredAlignment"/>.</exception>
    public void CopyTo(byte* writable, byte* executable)
    {
        ArgumentNullException.ThrowIfNull(writable);
        if (_literalsPlaced != _literalCount)
            ThrowState("Literals are pooled but not placed.");
        if (_unresolved != 0)
            ThrowState($"{_unresolved} labels or short jumps are used but not bound.");
        if (((nuint)executable & (nuint)(_alignment - 1)) != 0)
            throw new ArgumentException($"Code needs an address that is a multiple of {_alignment}.", nameof(executable));
        Bytes.CopyTo(new Span<byte>(writable, Position));
        foreach (ref readonly Relocation relocation in Relocations)
            Apply(in relocation, writable, executable);
    }

    private void Apply(in Relocation relocation, byte* writable, byte* executable)
    {
        byte* field = writable + relocation.Offset;
        switch (relocation.Kind)
        {
            case RelocationKind.Relative32:
                long distance = relocation.Target - ((long)executable + relocation.Offset + 4);
                if (distance != (int)distance)
                    ThrowState($"Target 0x{relocation.Target:x} is out of reach of 0x{(long)executable + relocation.Offset:x}.");
                Unsafe.WriteUnaligned(field, (int)distance);
                break;
            case RelocationKind.LabelAddress64:
                Unsafe.WriteUnaligned(field, (long)executable + OffsetOf(new Label((int)relocation.Target)));
                break;
            default:
                Unsafe.WriteUnaligned(field, OffsetOf(new Label((int)relocation.Target)) - OffsetOf(new Label(relocation.Base)));
                break;
        }
    }

    private void Add(Relocation relocation)
    {
        if (_relocationCount == _relocations.Length)
            Array.Resize(ref _relocations, _relocations.Length * 2);
        _relocations[_relocationCount++] = relocation;
    }
}
