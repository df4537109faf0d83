// The operand stack: pushing, popping, and bringing entries to where an instruction wants them.

using Anneal.Bytecode;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    // Entries that a write to a local looks through for aliases before it settles all of them at once, so that
    // no sequence of instructions makes the search long time and again.
    private const int AliasSearch = 32;

    private StackEntry[] stack = new StackEntry[256];
    private int stackCount;

    // No entry below this index is an alias of a local.
    private int lazyFloor;

    // One past the highest natural slot that any entry had.
    private int highWater;

    /// <summary>The natural slot of the next entry.</summary>
    private int NextSlot => stackCount == 0 ? temporaryBase : stack[stackCount - 1].Slot + stack[stackCount - 1].Type.SlotCount;

    private ref StackEntry Push(ValueType type, EntryKind kind)
    {
        int slot = NextSlot;
        if (stackCount == stack.Length) Array.Resize(ref stack, stackCount * 2);
        ref StackEntry entry = ref stack[stackCount++];
        entry.Slot = slot;
        entry.Type = type;
        entry.Kind = kind;
        int end = slot + type.SlotCount;
        if (end > highWater) highWater = end;
        return ref entry;
    }

    private void PushLocal(int local)
    {
        ref StackEntry entry = ref Push(locals[local].Type, EntryKind.Local);
        MakeAlias(ref entry, stackCount - 1, local);
    }

    private void PushConstant(ValueType type, ulong value) => Push(type, EntryKind.Constant).Constant = value;

    // Pushes the result of an op that has no operands but an index word.
    private void PushValue(Op op, ValueType type, uint index)
    {
        ref StackEntry entry = ref Push(type, EntryKind.Temporary);
        EmitValue(op, entry.Slot, 0, 0, index);
    }

    private ref StackEntry Top => ref stack[stackCount - 1];

    private void MakeAlias(ref StackEntry entry, int index, int local)
    {
        entry.Kind = EntryKind.Local;
        entry.Local = local;
        locals[local].Aliases++;
        if (index < lazyFloor) lazyFloor = index;
    }

    /// <summary>Pops an entry whose value isn't wanted.</summary>
    private void Pop() => DropTo(stackCount - 1);

    private void DropTo(int height)
    {
        for (int i = height; i < stackCount; i++)
        {
            if (stack[i].Kind == EntryKind.Local) locals[stack[i].Local].Aliases--;
        }

        stackCount = height;
    }

    /// <summary>Pops the top entry; the slot that its value is in, which the next instruction must read.</summary>
    private int PopSlot()
    {
        int slot = Use(ref Top);
        stackCount--;
        return slot;
    }

    // The slot of an entry that is being consumed. A constant goes to the natural slot.
    private int Use(ref StackEntry entry)
    {
        switch (entry.Kind)
        {
            case EntryKind.Local:
                ref LocalVariable local = ref locals[entry.Local];
                local.Aliases--;
                entry.Kind = EntryKind.Temporary;
                return local.Slot;
            case EntryKind.Constant:
                EmitConstant(entry.Slot, entry.Constant);
                entry.Kind = EntryKind.Temporary;
                return entry.Slot;
            default:
                return entry.Slot;
        }
    }

    // The slot of an entry's value on a path that leaves: the entry stays as it is for the path that goes on.
    private int Peek(in StackEntry entry)
    {
        if (entry.Kind == EntryKind.Local) return locals[entry.Local].Slot;
        if (entry.Kind == EntryKind.Constant) EmitConstant(entry.Slot, entry.Constant);
        return entry.Slot;
    }

    // Brings an entry that stays on the stack to its natural slot.
    private void Materialize(ref StackEntry entry)
    {
        if (entry.Kind == EntryKind.Temporary) return;
        int from = Use(ref entry);
        if (from != entry.Slot) EmitMove(entry.Slot, from, entry.IsFloat);
    }

    private void MaterializeTop(int count)
    {
        for (int i = stackCount - count; i < stackCount; i++) Materialize(ref stack[i]);
    }

    // Leaves no alias on the stack.
    private void MaterializeLocals()
    {
        for (int i = lazyFloor; i < stackCount; i++)
        {
            if (stack[i].Kind == EntryKind.Local) Materialize(ref stack[i]);
        }

        lazyFloor = stackCount;
    }

    // Before a local is written: what stands for its old value takes a copy.
    private void SaveAliases(int local)
    {
        for (int i = stackCount - 1, searched = 0; locals[local].Aliases != 0; i--)
        {
            if (++searched > AliasSearch)
            {
                MaterializeLocals();
                return;
            }

            ref StackEntry entry = ref stack[i];
            if (entry.Kind == EntryKind.Local && entry.Local == local) Materialize(ref entry);
        }
    }

    private void SetLocal(int local)
    {
        ref StackEntry top = ref Top;
        stackCount--;
        if (top.Kind == EntryKind.Local)
        {
            locals[top.Local].Aliases--;
            if (top.Local == local) return;
        }

        Assign(local, ref top);
    }

    private void TeeLocal(int local)
    {
        ref StackEntry top = ref Top;
        if (top.Kind == EntryKind.Local && top.Local == local) return;
        stackCount--;
        Assign(local, ref top);
        stackCount++;

        // A temporary has been read by now: the value is in the local only.
        if (top.Kind == EntryKind.Temporary) MakeAlias(ref top, stackCount - 1, local);
    }

    // Writes the value of an entry that is off the stack to a local.
    private void Assign(int local, ref StackEntry value)
    {
        ref LocalVariable variable = ref locals[local];
        if (variable.Aliases != 0) SaveAliases(local);
        switch (value.Kind)
        {
            case EntryKind.Constant:
                EmitConstant(variable.Slot, value.Constant);
                break;
            case EntryKind.Local:
                EmitMove(variable.Slot, locals[value.Local].Slot, value.IsFloat);
                break;
            default:
                if (IsJustProduced(in value)) writer.RetargetDestination(producer, variable.Slot);
                else EmitMove(variable.Slot, value.Slot, value.IsFloat);
                break;
        }
    }
}
