// What makes one handler of the threaded interpreter different from another: the op, a form of it, and where operands are.
//
//     bits 16..     op             the bytecode op, or one of the pseudo ops below
//     bits 11-15    form           what the op's shape distinguishes: addressing of a memory access, width of a constant, ...
//     bit  10       float          the result stays in a float accumulator
//     bits 8-9      destination    the accumulator that the result stays in; 0 if it goes to its slot
//     bits 0-7      sources        two bits for each field: the accumulator that it's read from; 0 if it's in its slot

using Anneal.Bytecode;

namespace Anneal.Threaded;

/// <summary>Names a handler.</summary>
internal readonly record struct HandlerKey(int Bits)
{
    /// <summary>The pseudo op at the start of every stream: opens the frame. Form: how many locals to clear, or <see cref="ManyLocals"/>.</summary>
    public const Op Enter = (Op)OpTable.Count;

    /// <summary>The pseudo op that a loop header's handler is replaced by once better code can be entered there.</summary>
    public const Op LeaveAtLoop = (Op)(OpTable.Count + 1);

    /// <summary>The form of <see cref="Enter"/> that clears locals in a loop and compares the frame's end with the stack's.</summary>
    public const int ManyLocals = 15;

    private const int OpShift = 16;
    private const int FormShift = 11;
    private const int FloatBit = 1 << 10;
    private const int DestinationShift = 8;

    public HandlerKey(Op op, int form = 0)
        : this(((int)op << OpShift) | (form << FormShift))
    {
    }

    public Op Op => (Op)(Bits >> OpShift);

    public int Form => (Bits >> FormShift) & 31;

    /// <summary>The accumulator that the result stays in, from 1; 0 if it goes to its slot.</summary>
    public int Destination => (Bits >> DestinationShift) & 3;

    /// <summary>Whether that is a float one.</summary>
    public bool WritesFloat => (Bits & FloatBit) != 0;

    /// <summary>The accumulator that a field is read from, from 1; 0 if it's in its slot.</summary>
    public int SourceOf(int field) => (Bits >> (2 * field)) & 3;

    public HandlerKey Writing(int accumulator, bool isFloat) => new(Bits | (accumulator << DestinationShift) | (isFloat ? FloatBit : 0));

    public HandlerKey Reading(int field, int accumulator) => new(Bits | (accumulator << (2 * field)));

    /// <summary>The op and what distinguishes the handler from others of it, for people: <c>i32.add.1 a=acc2 -> acc1</c>.</summary>
    public override string ToString()
    {
        string text = Op switch { Enter => "enter", LeaveAtLoop => "leave", _ => OpTable.Mnemonic(Op) };
        if (Form != 0) text += $".{Form}";
        for (int field = 0; field < 4; field++)
        {
            if (SourceOf(field) != 0) text += $" {(char)('a' + field)}=acc{SourceOf(field)}";
        }

        return Destination == 0 ? text : $"{text} -> {(WritesFloat ? "facc" : "acc")}{Destination}";
    }
}
