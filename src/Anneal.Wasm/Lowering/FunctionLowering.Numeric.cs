// Ops that compute a value from values, and the choice of their immediate forms.

using Anneal.Bytecode;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    private void Unary(in LoweringRow row)
    {
        ref StackEntry top = ref Top;
        int a = Use(ref top);
        top.Type = row.Result;
        EmitValue(row.Op, top.Slot, a, 0);
    }

    private void Binary(in LoweringRow row)
    {
        ref StackEntry right = ref stack[stackCount - 1];
        ref StackEntry left = ref stack[stackCount - 2];
        ref StackEntry result = ref left;
        if ((row.Form & OperandForm.Swapped) != 0)
        {
            left = ref right;
            right = ref result;
        }

        if (row.Immediate == Op.Nop || !TryImmediate(in row, ref left, ref right, result.Slot))
        {
            int a = Use(ref left);
            int b = Use(ref right);
            EmitValue(row.Op, result.Slot, a, b);
        }

        result.Type = row.Result;
        stackCount--;
    }

    private bool TryImmediate(in LoweringRow row, ref StackEntry left, ref StackEntry right, int d)
    {
        bool isWide = (row.Form & OperandForm.Wide) != 0;
        if (right.Kind == EntryKind.Constant)
        {
            long value = Signed(right.Constant, isWide);
            if ((row.Form & OperandForm.Negated) != 0) value = unchecked(-value);
            if ((row.Form & OperandForm.Count) != 0) value &= isWide ? 63 : 31;
            return TryEmitImmediate(row.Immediate, d, ref left, ref right, value);
        }

        if (left.Kind != EntryKind.Constant) return false;
        if ((row.Form & OperandForm.Commutes) != 0)
            return TryEmitImmediate(row.Immediate, d, ref right, ref left, Signed(left.Constant, isWide));
        if ((row.Form & OperandForm.Order) == 0) return false;

        // k < x is x >= k + 1, and k >= x is x < k + 1, unless k + 1 wraps.
        long bound = Signed(left.Constant, isWide);
        if (bound == short.MaxValue || (bound == -1 && (row.Form & OperandForm.Unsigned) != 0)) return false;
        return TryEmitImmediate(CompareOps.Negate(row.Immediate), d, ref right, ref left, unchecked(bound + 1));
    }

    private bool TryEmitImmediate(Op op, int d, ref StackEntry operand, ref StackEntry constant, long value)
    {
        if ((short)value != value) return false;
        constant.Kind = EntryKind.Temporary;
        int a = Use(ref operand);
        EmitValue(op, d, a, Raw((int)value));
        return true;
    }

    private static long Signed(ulong constant, bool isWide) => isWide ? (long)constant : (int)constant;

    // i32.eqz, i64.eqz, ref.is_null: compares with zero, or turns the compare just made around.
    private void Test(Op op)
    {
        ref StackEntry top = ref Top;
        if (IsJustProduced(in top))
        {
            Op compare = writer.OpAt(producer);
            Op negation = CompareOps.Negate(compare);
            if (op == Op.I32EqK && negation != Op.Nop)
            {
                writer.ReplaceOp(producer, negation);
                return;
            }

            if (compare is Op.F32Lt or Op.F32Le or Op.F64Lt or Op.F64Le) floatCompare = producer;
        }

        int a = Use(ref top);
        top.Type = ValueType.I32;
        EmitValue(op, top.Slot, a, 0);
    }

    private void Select()
    {
        int condition = PopSlot();
        ref StackEntry right = ref stack[stackCount - 1];
        ref StackEntry left = ref stack[stackCount - 2];
        bool isFloat = left.IsFloat;
        int a = Use(ref left);
        int b = Use(ref right);
        stackCount--;
        EmitSelect(isFloat ? Op.Fselect : Op.Select, left.Slot, a, b, condition);
    }
}
