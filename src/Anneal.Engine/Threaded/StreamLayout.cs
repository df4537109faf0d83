// The layout of a predecoded body, the stream that the threaded interpreter walks with r15.
//
//     [ +0]  the handler's address
//     [ +8]  fields 0, 1, 2 and 3, of 16 bits each: the slots and small immediates of the bytecode's first word
//     [+12]  instead of fields 2 and 3, a 32-bit immediate: offset, displacement in the instance, distance of a branch,
//            bytes from the frame to a call's arguments
//     [+16]  further immediates, as the shape says
//
// An instruction's size follows from the bytecode alone, so that positions in the stream and in the bytecode can be computed
// from each other by walking the body once: no map is kept.

using Anneal.Bytecode;

namespace Anneal.Threaded;

/// <summary>Shapes, sizes and places in the stream.</summary>
internal static unsafe class StreamLayout
{
    public const int Fields = 8;
    public const int Immediate = 12;
    public const int Extension = 16;
    public const int SecondExtension = 20;
    public const int ThirdExtension = 24;
    public const int FourthExtension = 28;

    // Atomic accesses have slots where others have the offset. An offset of 64 bits is elsewhere in either.
    public const int AtomicOffset = SecondExtension;
    public const int FarOffset = ThirdExtension;

    // The enter pseudo instruction.
    public const int EnterBytes = 32;
    public const int EnterFrameBytes = 8;
    public const int EnterFirstLocal = 12;
    public const int EnterHeat = 16;
    public const int EnterLocals = 20;

    // The loop header.
    public const int LoopHeat = 8;
    public const int LoopIndex = 12;
    public const int LoopTarget = 16;

    // Indirect calls: how often the inline cache had another function than the one to call.
    public const int Misses = 32;

    // Branches that count how often they were taken, and how often not.
    public const int Taken = 16;
    public const int NotTaken = 20;

    /// <summary>All that predecoding has to know of ops, by op.</summary>
    public static readonly OpShape[] Shapes = MakeShapes();

    /// <summary>All that predecoding has to know of an op.</summary>
    public static OpShape Of(Op op) => Shapes[(int)op];

    public static Shape ShapeOf(Op op) => Shapes[(int)op].Shape;

    /// <summary>The bytes that the instruction at <paramref name="pc"/> takes in a stream.</summary>
    public static int SizeAt(ulong* pc, bool counting)
    {
        Shape shape = Shapes[(ushort)*pc].Shape;
        return shape switch
        {
            Shape.Access or Shape.Atomic => SizeOf(shape, Forms.Of(new MemoryOperand((ushort)(*pc >> 48)), pc[1])),
            Shape.Const => SizeOf(shape, IsShort(pc[1]) ? 0 : Forms.Long),
            Shape.Branch => SizeOf(shape, counting ? Forms.Counting : 0),
            Shape.BranchTable => 16 + ((((ushort)(*pc >> 32) + 2) * 4) & ~7),
            _ => SizeOf(shape, form: 0),
        };
    }

    /// <summary>The bytes of an instruction of a shape and form, a branch table's distances apart.</summary>
    public static int SizeOf(Shape shape, int form) => shape switch
    {
        Shape.Access => form >= Forms.Far ? 32 : form is Forms.OtherGuarded or Forms.Checked ? 24 : 16,
        Shape.Atomic => form >= Forms.Far ? 32 : 24,
        Shape.Const => form == Forms.Long ? 24 : 16,
        Shape.Branch => form == Forms.Counting ? 24 : 16,
        Shape.Loop => 24,
        Shape.Call or Shape.ReferenceCall or Shape.Bulk => 32,
        Shape.IndirectCall => 40,
        _ => 16,
    };

    /// <summary>Whether a constant is the sign extension of 32 bits.</summary>
    public static bool IsShort(ulong value) => (long)value == (int)value;

    private static OpShape[] MakeShapes()
    {
        var shapes = new OpShape[OpTable.Count];
        for (int i = 0; i < shapes.Length; i++) shapes[i] = Describe((Op)i);
        return shapes;
    }

    private static OpShape Describe(Op op)
    {
        Shape shape = Classify(op);
        Effects effects = OpTable.EffectsOf(op);
        bool fits = shape is Shape.Fields or Shape.Access or Shape.Atomic or Shape.Const or Shape.Select or Shape.Global or Shape.FunctionReference
            or Shape.Table or Shape.MemorySize or Shape.Branch or Shape.BranchTable or Shape.IndirectCall or Shape.ReferenceCall;
        if (shape == Shape.Fields && (effects & Effects.SafePoint) != 0) fits = false;
        int sources = 0, floats = 0, field = 0;
        // The fields of the stream that slots in words become.
        int wordField = shape == Shape.Atomic ? 2 : 3;
        bool hasDestination = false;
        for (int i = 0; fits && OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            int bit = operand.Kind switch { OperandKind.Source => 1 << field, OperandKind.SourceWord => 1 << wordField++, _ => 0 };
            sources |= bit;
            if (operand.Type is SlotType.F32 or SlotType.F64) floats |= bit;
            hasDestination |= operand.Kind == OperandKind.Destination;
            if (operand.IsField) field++;
        }

        bool keeps = fits && (effects & (Effects.EndsBlock | Effects.Calls | Effects.SafePoint)) == 0;
        return new OpShape(shape, shape == Shape.Fields ? 16 : 0, OpTable.WordsOf(op), sources, floats, hasDestination, keeps);
    }

    private static Shape Classify(Op op)
    {
        switch (op)
        {
            case Op.MovFar: return Shape.FarMove;
            case Op.Const: return Shape.Const;
            case Op.Select or Op.Fselect: return Shape.Select;
            case Op.RefFunc: return Shape.FunctionReference;
            case Op.GlobalGet or Op.GlobalSet or Op.FglobalGet or Op.FglobalSet: return Shape.Global;
            case Op.TableGet or Op.TableSet or Op.TableSize: return Shape.Table;
            case Op.MemorySize: return Shape.MemorySize;
            case Op.Br: return Shape.Jump;
            case Op.BrTable: return Shape.BranchTable;
            case Op.Loop: return Shape.Loop;
            case Op.Fuel: return Shape.Fuel;
            case Op.Trap: return Shape.Trap;
            case Op.Call or Op.CallImport or Op.Tail or Op.TailImport: return Shape.Call;
            case Op.CallIndirect or Op.TailIndirect: return Shape.IndirectCall;
            case Op.CallRef or Op.TailRef: return Shape.ReferenceCall;
            case Op.MemoryFill or Op.MemoryCopy: return Shape.Bulk;
        }

        Effects effects = OpTable.EffectsOf(op);
        if (OpTable.WidthOf(op) != 0) return Shape.Access;
        if (op is >= Op.I32AtomicAdd and <= Op.I64AtomicCompareExchange) return Shape.Atomic;
        if ((effects & Effects.Calls) != 0) return Shape.Rare;
        if (OpTable.WordsOf(op) == 1) return Shape.Fields;
        return (effects & Effects.EndsBlock) != 0 && OpTable.WordsOf(op) == 2 ? Shape.Branch : Shape.Unknown;
    }
}
