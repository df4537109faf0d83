// What makes one handler of the threaded interpreter different from another: the op, a form of it, and where operands are.
//
//     bits 9..  op            the bytecode op, or one of the pseudo ops below
//     bits 5-8  form          what the op's shape distinguishes: addressing of a memory access, width of a constant, ...
//     bit 4     float         the accumulator that is read is the float one
//     bits 1-3  source        1 + the field whose value is in the accumulator; 0 if none is
//     bit 0     destination   the result stays in the accumulator

using Anneal.Bytecode;

namespace Anneal.Threaded;

/// <summary>Names a handler.</summary>
internal readonly record struct HandlerKey(int Bits)
{
    /// <summary>The pseudo op at the start of every stream: opens the frame. Form: how many locals to clear, or <see cref="ManyLocals"/>.</summary>
    public const Op Enter = (Op)OpTable.Count;

    /// <summary>The pseudo op that a loop header's handler is replaced by once better code can be entered there.</summary>
    public const Op LeaveAtLoop = (Op)(OpTable.Count + 1);

    /// <summary>One more than the largest key.</summary>
    public const int Limit = (OpTable.Count + 2) << OpShift;

    /// <summary>The form of <see cref="Enter"/> that clears locals in a loop and compares the frame's end with the stack's.</summary>
    public const int ManyLocals = 15;

    private const int OpShift = 9;
    private const int FormShift = 5;

    public HandlerKey(Op op, int form = 0)
        : this(((int)op << OpShift) | (form << FormShift))
    {
    }

    public Op Op => (Op)(Bits >> OpShift);

    public int Form => (Bits >> FormShift) & 15;

    /// <summary>The field that is read from the accumulator; -1 if none is.</summary>
    public int AccumulatorField => ((Bits >> 1) & 7) - 1;

    public bool ReadsFloat => (Bits & 16) != 0;

    public bool WritesAccumulator => (Bits & 1) != 0;

    public HandlerKey Writing() => new(Bits | 1);

    public HandlerKey Reading(int field, bool isFloat) => new(Bits | ((field + 1) << 1) | (isFloat ? 16 : 0));
}
