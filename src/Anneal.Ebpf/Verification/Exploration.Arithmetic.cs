// Arithmetic on numbers and pointers.

namespace Anneal.Ebpf.Verification;

internal sealed partial class Exploration
{
    // Offsets beyond this are refused, so that sums of a few of them can't overflow.
    private const long MaxOffset = 1 << 29;

    private void Arithmetic(Instruction i)
    {
        bool wide = i.Class == InstructionClass.Alu64;
        Span<RegisterState> registers = Registers;
        ref RegisterState destination = ref registers[i.Destination];
        switch (i.AluOperation)
        {
            case AluOperation.Mov:
                Move(i, ref destination, wide);
                return;
            case AluOperation.Neg:
                destination = RegisterState.Of(Scalar.Negate(NumberOf(i.Destination, "negation"), wide ? 64 : 32));
                return;
            case AluOperation.End:
                Scalar swapped = NumberOf(i.Destination, "byte swap");
                bool swaps = wide || i.UsesSourceRegister;
                destination = RegisterState.Of(swaps ? Scalar.SwapBytes(swapped, i.Immediate) : Scalar.Truncate(swapped, i.Immediate));
                return;
        }

        Initialized(i.Destination);
        ScalarOperation operation = OperationOf(i);
        if (!i.UsesSourceRegister)
        {
            ulong immediate = wide ? (ulong)(long)i.Immediate : (uint)i.Immediate;
            if (destination.Kind == RegisterKind.Scalar)
                Calculate(ref destination, operation, destination.Number, Scalar.Constant(immediate), wide);
            else PointerArithmetic(i, ref destination, RegisterState.Constant(immediate), operation, wide);
            return;
        }

        ref RegisterState source = ref Initialized(i.Source);
        if (destination.Kind == RegisterKind.Scalar && source.Kind == RegisterKind.Scalar)
        {
            bool cancels = i.Destination == i.Source && operation is (ScalarOperation.Subtract or ScalarOperation.Xor);
            if (cancels) destination = RegisterState.Constant(0);
            else Calculate(ref destination, operation, destination.Number, source.Number, wide);
            return;
        }

        PointerArithmetic(i, ref destination, source, operation, wide);
    }

    private static void Calculate(ref RegisterState destination, ScalarOperation operation, in Scalar a, in Scalar b, bool wide)
    {
        Scalar result = wide ? Scalar.Apply(operation, a, b) : Scalar.ApplyLow(operation, a, b);
        destination = RegisterState.Of(result);
    }

    private void Move(Instruction i, ref RegisterState destination, bool wide)
    {
        if (!i.UsesSourceRegister)
        {
            destination = RegisterState.Constant(wide ? (ulong)(long)i.Immediate : (uint)i.Immediate);
            return;
        }

        ref RegisterState source = ref Initialized(i.Source);
        if (source.Kind != RegisterKind.Scalar)
        {
            if (wide && i.Offset == 0) destination = source;
            else destination = RegisterState.Of(Scalar.ZeroExtendLow(NumberOf(i.Source, "copy of a part")));
            return;
        }

        // Copies share an identity. A 32-bit move is a copy too when there's nothing above.
        bool copies = i.Offset == 0 && (wide || source.Number.Full.UMax <= uint.MaxValue);
        if (copies)
        {
            if (source.Id == 0 && !source.Number.IsConstant) source.Id = NewId();
            destination = source;
            return;
        }

        destination = RegisterState.Of(i.Offset == 0
            ? Scalar.ZeroExtendLow(source.Number)
            : Scalar.SignExtend(source.Number, i.Offset, wide ? 64 : 32));
    }

    private static ScalarOperation OperationOf(Instruction i) => i.AluOperation switch
    {
        AluOperation.Add => ScalarOperation.Add,
        AluOperation.Sub => ScalarOperation.Subtract,
        AluOperation.Mul => ScalarOperation.Multiply,
        AluOperation.Div => i.Offset == 0 ? ScalarOperation.Divide : ScalarOperation.SignedDivide,
        AluOperation.Mod => i.Offset == 0 ? ScalarOperation.Remainder : ScalarOperation.SignedRemainder,
        AluOperation.Or => ScalarOperation.Or,
        AluOperation.And => ScalarOperation.And,
        AluOperation.Xor => ScalarOperation.Xor,
        AluOperation.Lsh => ScalarOperation.ShiftLeft,
        AluOperation.Rsh => ScalarOperation.ShiftRight,
        _ => ScalarOperation.ShiftRightArithmetic,
    };

    /// <summary>The register as a number. An address is one only where leaks are allowed, and then unknown.</summary>
    private Scalar NumberOf(int register, string use)
    {
        ref RegisterState state = ref Initialized(register);
        if (state.Kind == RegisterKind.Scalar) return state.Number;
        if (options.AllowPointerLeaks) return Scalar.Unknown();
        throw Refuse($"{use} of r{register}, which is a pointer ({Describe(state)})");
    }

    private void PointerArithmetic(Instruction i, ref RegisterState destination, RegisterState source, ScalarOperation operation, bool wide)
    {
        bool differs = destination.IsPointer && source.IsPointer && operation == ScalarOperation.Subtract && wide;
        if (differs && MayBeSubtracted(destination, source))
        {
            destination = RegisterState.Unknown;
            return;
        }

        bool adds = wide && operation == ScalarOperation.Add && destination.IsPointer != source.IsPointer;
        bool subtracts = wide && operation == ScalarOperation.Subtract && destination.IsPointer && !source.IsPointer;
        if (!adds && !subtracts)
        {
            int pointer = destination.IsPointer ? i.Destination : i.Source;
            if (options.AllowPointerLeaks && operation == ScalarOperation.Subtract)
            {
                destination = RegisterState.Of(wide ? Scalar.Unknown() : Scalar.ZeroExtendLow(Scalar.Unknown()));
                return;
            }

            throw Refuse($"{(wide ? "" : "32-bit ")}arithmetic other than adding a number on r{pointer}, which is a pointer ({Describe(Registers[pointer])})");
        }

        RegisterState moved = destination.IsPointer ? destination : source;
        Scalar by = destination.IsPointer ? source.Number : destination.Number;
        int register = destination.IsPointer ? i.Destination : i.Source;
        MovePointer(ref moved, by, operation, register);
        destination = moved;
    }

    private void MovePointer(ref RegisterState moved, in Scalar by, ScalarOperation operation, int register)
    {
        if (moved.MaybeNull) throw Refuse($"arithmetic on r{register}, which may be null ({Describe(moved)})");
        if (moved.Kind is RegisterKind.PacketEnd or RegisterKind.Map or RegisterKind.Subprogram)
            throw Refuse($"arithmetic on r{register}, which can't be moved ({Describe(moved)})");
        if (by.IsConstant)
        {
            long distance = (long)by.ConstantValue;
            long offset = distance is > MaxOffset or < -MaxOffset ? MaxOffset * 2
                : moved.Offset + (operation == ScalarOperation.Add ? distance : -distance);
            if (offset is > MaxOffset or < -MaxOffset) throw Refuse($"r{register} would be moved too far ({Describe(moved)})");
            moved.Offset = (int)offset;
            return;
        }

        if (moved.Kind == RegisterKind.Context)
            throw Refuse($"r{register} (context) may only be moved by a constant");
        moved.Number = Scalar.Apply(operation, moved.Number, by);
        if (!moved.IsPacketPointer) return;

        // Nothing is known of what lies at the new place until it's compared with the end.
        moved.Id = NewId();
        moved.Extent = 0;
    }

    private static bool MayBeSubtracted(in RegisterState a, in RegisterState b) =>
        (a.IsPacketPointer && b.IsPacketPointer) || (a.Kind == b.Kind && a.Object == b.Object && !a.MaybeNull && !b.MaybeNull);
}
