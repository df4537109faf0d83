// The literal pool: constants that instructions read RIP-relative, one copy of each, placed after the code, largest first
// so that alignment wastes nothing. Equal bytes of equal size share a label. Guest code chooses the constants, so lookup is
// a hash table with a mixed key rather than a scan.

namespace Anneal.Assembler;

internal sealed partial class CodeBuffer
{
    private readonly record struct Literal(ulong Low, ulong High, int Size, Label Label);

    private readonly ulong _lowFactor = (ulong)Random.Shared.NextInt64() | 1;
    private readonly ulong _highFactor = (ulong)Random.Shared.NextInt64() | 1;
    private Literal[] _literals = new Literal[16];
    private int[] _literalTable = []; // open addressing, index + 1 into _literals; at most half full
    private int _literalCount;
    private int _literalsPlaced;

    /// <summary>Label of a pooled 4-byte constant.</summary>
    public Label Literal32(uint value) => LiteralOf(value, 0, 4);

    /// <summary>Label of a pooled 8-byte constant.</summary>
    public Label Literal64(ulong value) => LiteralOf(value, 0, 8);

    /// <summary>Label of a pooled 16-byte constant, aligned for instructions that demand it.</summary>
    public Label Literal128(ulong low, ulong high) => LiteralOf(low, high, 16);

    /// <summary>Label of a pooled 16-byte constant, aligned for instructions that demand it.</summary>
    public Label Literal128(UInt128 value) => LiteralOf((ulong)value, (ulong)(value >> 64), 16);

    /// <summary>
    /// Places the pooled constants that aren't placed yet, here. Constants asked for later go to the next call; constants
    /// that are placed stay shared.
    /// </summary>
    public void FinishLiterals()
    {
        for (int size = 16; size >= 4; size >>= 1)
        {
            bool aligned = false;
            for (int i = _literalsPlaced; i < _literalCount; i++)
            {
                Literal literal = _literals[i];
                if (literal.Size != size)
                    continue;
                if (!aligned)
                    Align(size, NopFill.Zero);
                aligned = true;
                Bind(literal.Label);
                if (size == 4)
                {
                    Int32((int)literal.Low);
                    continue;
                }
                Int64((long)literal.Low);
                if (size == 16)
                    Int64((long)literal.High);
            }
        }
        _literalsPlaced = _literalCount;
    }

    private Label LiteralOf(ulong low, ulong high, int size)
    {
        if (2 * (_literalCount + 1) > _literalTable.Length)
            GrowLiterals();
        int mask = _literalTable.Length - 1;
        int slot = HashOf(low, high, size) & mask;
        for (; _literalTable[slot] != 0; slot = (slot + 1) & mask)
        {
            ref readonly Literal known = ref _literals[_literalTable[slot] - 1];
            if (known.Low == low && known.High == high && known.Size == size)
                return known.Label;
        }
        Label label = NewLabel();
        _literals[_literalCount] = new Literal(low, high, size, label);
        _literalTable[slot] = ++_literalCount;
        return label;
    }

    private void GrowLiterals()
    {
        int capacity = Math.Max(16, _literalTable.Length);
        if (capacity > _literals.Length)
            Array.Resize(ref _literals, capacity);
        _literalTable = new int[capacity * 2];
        int mask = _literalTable.Length - 1;
        for (int i = 0; i < _literalCount; i++)
        {
            int slot = HashOf(_literals[i].Low, _literals[i].High, _literals[i].Size) & mask;
            while (_literalTable[slot] != 0)
                slot = (slot + 1) & mask;
            _literalTable[slot] = i + 1;
        }
    }

    // Multiply and shift, by secret odd factors: a guest can't choose constants that collide. The size tells apart equal values
    // of different widths.
    private int HashOf(ulong low, ulong high, int size)
    {
        ulong mixed = (low * _lowFactor) + ((high + (ulong)size) * _highFactor);
        // The upper bits are the well mixed ones; what the table takes are the lower ones.
        return (int)(((mixed ^ (mixed >> 32)) * _lowFactor) >> 32);
    }

    private void ResetLiterals()
    {
        if (_literalCount != 0)
            Array.Clear(_literalTable);
        _literalCount = 0;
        _literalsPlaced = 0;
    }
}
