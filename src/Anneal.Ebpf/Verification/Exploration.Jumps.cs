// Conditional jumps: which ways are possible, and what is known of the operands (and all their copies) on each.

namespace Anneal.Ebpf.Verification;

internal sealed partial class Exploration
{
    private void ConditionalJump(Instruction i)
    {
        ref RegisterState a = ref Initialized(i.Destination);
        RegisterState b = i.UsesSourceRegister ? Initialized(i.Source) : RegisterState.Constant((ulong)(long)i.Immediate);
        int target = program.JumpTarget(slot), next = slot + 1;
        ScalarCondition condition = ConditionOf(i.JumpOperation);
        bool low = i.Class == InstructionClass.Jmp32;
        if (a.Kind == RegisterKind.Scalar && b.Kind == RegisterKind.Scalar)
        {
            CompareNumbers(i, condition, low, ref a, b, target, next);
            return;
        }

        if (!low && ComparesWithNull(condition, a, b, out int pointer, i))
        {
            CompareWithNull(condition, pointer, target, next);
            return;
        }

        // By comparing with one number after the other an address would become known.
        if (!options.AllowPointerLeaks && (low || !MayBeSubtracted(a, b)))
            throw Refuse($"{(low ? "32-bit " : "")}comparison of r{(a.IsPointer ? i.Destination : i.Source)}, which is a pointer ({Describe(a.IsPointer ? a : b)})");
        PathState taken = Fork(target);
        slot = next;
        if (!low) ComparePacket(condition, a, b, taken);
    }

    private void CompareNumbers(Instruction i, ScalarCondition condition, bool low, ref RegisterState a, in RegisterState b, int target, int next)
    {
        if (a.Number.IsConstant && b.Number.IsConstant)
        {
            slot = ScalarRefinement.Evaluate(condition, Cut(a.Number.ConstantValue), Cut(b.Number.ConstantValue), low ? 32 : 64) ? target : next;
            return;
        }

        if (i.UsesSourceRegister && i.Destination == i.Source && condition != ScalarCondition.AnyBitSet)
        {
            slot = ScalarRefinement.Evaluate(condition, 0, 0, 64) ? target : next;
            return;
        }

        Scalar takenA = a.Number, takenB = b.Number, elseA = a.Number, elseB = b.Number;
        bool canTake = ScalarRefinement.Refine(condition, holds: true, ref takenA, ref takenB, low);
        bool canPass = ScalarRefinement.Refine(condition, holds: false, ref elseA, ref elseB, low);
        int second = i.UsesSourceRegister ? i.Source : -1;
        if (!canTake && !canPass)
        {
            // The operands contradict themselves in a way not seen before. Learn nothing from that.
            Fork(target);
            slot = next;
            return;
        }

        if (canTake && canPass)
        {
            PathState taken = Fork(target);
            SetNumbers(taken, i.Destination, takenA, second, takenB);
        }

        SetNumbers(path, i.Destination, canPass ? elseA : takenA, second, canPass ? elseB : takenB);
        slot = canPass ? next : target;

        ulong Cut(ulong value) => low ? (uint)value : value;
    }

    private static void SetNumbers(PathState state, int first, in Scalar a, int second, in Scalar b)
    {
        SetNumber(state, first, a);
        if (second >= 0 && second != first) SetNumber(state, second, b);
    }

    private static void SetNumber(PathState state, int register, in Scalar number)
    {
        ref RegisterState target = ref state.Top.Registers[register];
        target.Number = number;
        if (target.Id == 0) return;
        uint id = target.Id;
        if (number.IsConstant) target.Id = 0;
        foreach (ref RegisterState copy in new StateRegisters(state))
        {
            if (copy.Id != id || copy.Kind != RegisterKind.Scalar) continue;
            copy.Number = number;
            if (number.IsConstant) copy.Id = 0;
        }
    }

    private static bool ComparesWithNull(ScalarCondition condition, in RegisterState a, in RegisterState b, out int pointer, Instruction i)
    {
        pointer = a.IsPointer ? i.Destination : i.Source;
        return condition is ScalarCondition.Equal or ScalarCondition.NotEqual && ((a.IsPointer && b.IsNull) || (b.IsPointer && a.IsNull));
    }

    private void CompareWithNull(ScalarCondition condition, int register, int target, int next)
    {
        ref RegisterState pointer = ref Top.Registers[register];
        int ifNull = condition == ScalarCondition.Equal ? target : next, ifNot = condition == ScalarCondition.Equal ? next : target;
        if (!pointer.MaybeNull)
        {
            // A pointer to the start of something isn't null; one that was moved might wrap to it.
            if (!pointer.IsUnmodified) Fork(ifNull);
            slot = ifNot;
            return;
        }

        uint id = pointer.Id, reference = pointer.Reference;
        PathState other = Fork(target);
        slot = next;
        SetNull(condition == ScalarCondition.Equal ? other : path, id, reference);
        SetNotNull(condition == ScalarCondition.Equal ? path : other, id);
    }

    private static void SetNull(PathState state, uint id, uint reference)
    {
        foreach (ref RegisterState copy in new StateRegisters(state))
        {
            if (copy.Id == id && copy.MaybeNull) copy = RegisterState.Constant(0);
        }

        if (reference != 0) state.Drop(reference);
    }

    private static void SetNotNull(PathState state, uint id)
    {
        foreach (ref RegisterState copy in new StateRegisters(state))
        {
            if (copy.Id != id || !copy.MaybeNull) continue;
            copy.MaybeNull = false;
            copy.Id = 0;
        }
    }

    // pointer < end in any of its spellings; metadata is compared with the packet's start likewise.
    private void ComparePacket(ScalarCondition condition, in RegisterState a, in RegisterState b, PathState taken)
    {
        if (IsEndFor(a, b)) ComparePacket(condition, b, taken, path);
        else if (IsEndFor(b, a)) ComparePacket(Mirrored(condition), a, taken, path);
    }

    private static bool IsEndFor(in RegisterState pointer, in RegisterState end) =>
        (pointer.Kind == RegisterKind.Packet && end.Kind == RegisterKind.PacketEnd)
        || (pointer.Kind == RegisterKind.PacketMeta && end.Kind == RegisterKind.Packet && end.IsUnmodified);

    private void ComparePacket(ScalarCondition condition, in RegisterState end, PathState taken, PathState passed)
    {
        // Which operand is the pointer is clear from the caller: the condition reads "pointer <condition> end".
        Instruction i = code[slot - 1];
        int register = IsEndFor(Top.Registers[i.Destination], Top.Registers[i.Source]) ? i.Destination : i.Source;
        RegisterState pointer = Top.Registers[register];
        switch (condition)
        {
            case ScalarCondition.Less: SetExtent(taken, pointer, strict: 1); break;
            case ScalarCondition.LessOrEqual: SetExtent(taken, pointer, strict: 0); break;
            case ScalarCondition.Greater: SetExtent(passed, pointer, strict: 0); break;
            case ScalarCondition.GreaterOrEqual: SetExtent(passed, pointer, strict: 1); break;
        }
    }

    // pointer + strict <= end: so many bytes are there from where its identity's variable offset leads. Only if the sum can't have
    // wrapped or pointed before the start.
    private static void SetExtent(PathState state, in RegisterState pointer, int strict)
    {
        if (pointer.Number.Full.SMin < 0 || pointer.Number.Full.SMax > MaxOffset) return;
        int extent = pointer.Offset + strict;
        if (extent <= 0) return;
        foreach (ref RegisterState copy in new StateRegisters(state))
        {
            if (copy.Kind == pointer.Kind && copy.Id == pointer.Id && copy.Extent < extent) copy.Extent = extent;
        }
    }

    private static ScalarCondition Mirrored(ScalarCondition condition) => condition switch
    {
        ScalarCondition.Less => ScalarCondition.Greater,
        ScalarCondition.LessOrEqual => ScalarCondition.GreaterOrEqual,
        ScalarCondition.Greater => ScalarCondition.Less,
        ScalarCondition.GreaterOrEqual => ScalarCondition.LessOrEqual,
        _ => condition,
    };

    private static ScalarCondition ConditionOf(JumpOperation operation) => operation switch
    {
        JumpOperation.Equal => ScalarCondition.Equal,
        JumpOperation.NotEqual => ScalarCondition.NotEqual,
        JumpOperation.Greater => ScalarCondition.Greater,
        JumpOperation.GreaterOrEqual => ScalarCondition.GreaterOrEqual,
        JumpOperation.Less => ScalarCondition.Less,
        JumpOperation.LessOrEqual => ScalarCondition.LessOrEqual,
        JumpOperation.SignedGreater => ScalarCondition.SignedGreater,
        JumpOperation.SignedGreaterOrEqual => ScalarCondition.SignedGreaterOrEqual,
        JumpOperation.SignedLess => ScalarCondition.SignedLess,
        JumpOperation.SignedLessOrEqual => ScalarCondition.SignedLessOrEqual,
        _ => ScalarCondition.AnyBitSet,
    };
}
