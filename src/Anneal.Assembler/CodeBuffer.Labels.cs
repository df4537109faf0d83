// Labels and their fix-ups. A label's state is one int: its offset once bound, -1 while unbound and unused, and -2 - offset
// of the last field that waits for it otherwise. That field holds the link to the field before it (offset + 1, or 0 at the
// end of the chain) and, in its low three bits, how many bytes of immediate follow the field in its instruction, because
// the processor counts from the instruction's end.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Anneal.Assembler;

internal sealed unsafe partial class CodeBuffer
{
    private const int Unused = -1;

    private int[] _labels = new int[64];
    private int _labelCount;
    private int _unresolved; // labels with waiting fields, and short jumps

    public Label NewLabel()
    {
        int id = ++_labelCount;
        if (id >= _labels.Length)
            Array.Resize(ref _labels, _labels.Length * 2);
        _labels[id] = Unused;
        return new Label(id);
    }

    /// <summary>Gives the label the current position and completes the fields that waited for it.</summary>
    public void Bind(Label label)
    {
        ref int state = ref StateOf(label);
        if (state >= 0)
            ThrowState($"Label {label.Id} is bound already.");
        int target = Position;
        if (state != Unused)
        {
            for (int field = -2 - state; field >= 0;)
            {
                uint link = Unsafe.ReadUnaligned<uint>(_start + field);
                Unsafe.WriteUnaligned(_start + field, target - (field + 4 + (int)(link & 7)));
                field = (int)(link >> 3) - 1;
            }
            _unresolved--;
        }
        state = target;
    }

    /// <summary>Makes a short forward jump end here.</summary>
    /// <exception cref="InvalidOperationException">More than 127 bytes lie between: the template is wrong.</exception>
    public void Bind(ShortJump jump)
    {
        int distance = Position - (jump.Field + 1);
        if (jump.Field <= 0 || distance is < 0 or > sbyte.MaxValue)
            ThrowState($"A short jump at 0x{jump.Field:x} doesn't reach 0x{Position:x}.");
        _start[jump.Field] = (byte)distance;
        _unresolved--;
    }

    /// <summary>Notes that the byte just emitted is the displacement of a short jump.</summary>
    internal ShortJump NewShortJump()
    {
        _unresolved++;
        return new ShortJump(Position - 1);
    }

    public bool IsBound(Label label) => StateOf(label) >= 0;

    /// <exception cref="InvalidOperationException">The label isn't bound.</exception>
    public int OffsetOf(Label label)
    {
        int state = StateOf(label);
        if (state < 0)
            ThrowState($"Label {label.Id} is not bound.");
        return state;
    }

    /// <summary>Offset of a bound label, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int OffsetOrMinus1(Label label) => Math.Max(StateOf(label), -1);

    /// <summary>
    /// Writes at <paramref name="field"/> the distance to the label from the end of the instruction, which is
    /// <paramref name="trailing"/> bytes (at most 7) after the field; or chains the field to the label's other uses.
    /// </summary>
    internal void WriteDistance(byte* field, Label label, int trailing)
    {
        ref int state = ref StateOf(label);
        int offset = (int)(field - _start);
        if (state >= 0)
        {
            Unsafe.WriteUnaligned(field, state - (offset + 4 + trailing));
            return;
        }
        if (state == Unused)
            _unresolved++;
        Unsafe.WriteUnaligned(field, ((uint)(-1 - state) << 3) | (uint)trailing);
        state = -2 - offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int StateOf(Label label)
    {
        if ((uint)(label.Id - 1) >= (uint)_labelCount)
            ThrowForeign(label);
        return ref _labels[label.Id];
    }

    [DoesNotReturn]
    private static void ThrowForeign(Label label) => throw new ArgumentException($"Label {label.Id} is not of this buffer.");

    private void ResetLabels()
    {
        _labelCount = 0;
        _unresolved = 0;
    }
}
