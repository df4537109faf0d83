// References: null is 0, so tests for null are compares with 0. An instruction that tests a reference and leaves it on the
// stack reads it twice, which a temporary can't be; the value is kept in an extra local.

using Anneal.Bytecode;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    // Makes the top entry one that can be read more than once; its slot. False if the pass has to start again first.
    private bool TryRetain(out int slot)
    {
        ref StackEntry top = ref Top;
        slot = 0;
        if (top.Kind != EntryKind.Local)
        {
            needsRetained = true;
            if (retained < 0) return false;
            TeeLocal(retained);
        }

        slot = locals[top.Kind == EntryKind.Local ? top.Local : retained].Slot;
        return true;
    }

    private void RefAsNonNull()
    {
        if (TryRetain(out int slot)) Emit(Op.NullCheck, slot);
    }

    private void BranchOnNull(int depth)
    {
        if (!TryRetain(out int slot)) return;
        StackEntry reference = Top;
        stackCount--;
        EmitConditionalLeave(new Condition(Op.BrI64EqK, slot, 0), ref Target(depth));
        stack[stackCount++] = reference;
    }

    private void BranchOnNonNull(int depth)
    {
        if (!TryRetain(out int slot)) return;
        EmitConditionalLeave(new Condition(Op.BrI64NeK, slot, 0), ref Target(depth));
        Pop();
    }
}
