// Which slot holds what at a safe point. The types of slots are known only while a function is lowered, and hardly ever
// wanted afterwards: when a guest is suspended, and when it goes on from an image. So they aren't kept: the function is lowered
// once more, and the state of the operand stack is noted where instructions of interest are written.
//
// The work for one safe point is that of looking at all live slots of a frame there, and the frames that are looked at are on a
// value stack together, which bounds the work for all of them.

using Anneal.Bytecode;
using Anneal.Tiering;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Lowering;

internal sealed partial class FunctionLowering
{
    // The wanted positions, and what has been noted for them; null but in LowerForLayouts.
    private IReadOnlySet<int>? wanted;
    private Dictionary<int, NotedStack>? layouts;

    // Types by physical slot, and the slot of the topmost entry: what an op with a destination writes.
    private readonly record struct NotedStack(List<(int Slot, ValueType Type)> Slots, int TopSlot);

    /// <summary>
    /// The layouts of a function's frame at some of its instructions. At a loop header and at a charge of fuel: as it stands
    /// before and after. At a call: as it stands while it waits. At any other instruction: before it, its sources included.
    /// </summary>
    /// <param name="module">The module.</param>
    /// <param name="ownFunctionIndex">The function's number, not counting imports.</param>
    /// <param name="pcs">Positions of instructions.</param>
    public Dictionary<int, FrameLayout> LowerForLayouts(ModuleDefinition module, int ownFunctionIndex, IReadOnlySet<int> pcs)
    {
        wanted = pcs;
        layouts = [];
        try
        {
            FunctionBody body = Lower(module, ownFunctionIndex);
            var found = new Dictionary<int, FrameLayout>();
            foreach ((int pc, NotedStack noted) in layouts) found.Add(pc, Layout(body, pc, noted));
            return found;
        }
        finally
        {
            wanted = null;
            layouts = null;
        }
    }

    // Before an instruction is written. One that is taken back later is noted again by what replaces it.
    private void NoteLayout()
    {
        if (wanted is not null && wanted.Contains(writer.Pc)) NoteStack();
    }

    private void NoteStack()
    {
        var slots = new List<(int, ValueType)>();
        ValueType retainedType = ValueType.Bottom;
        for (int i = 0; i < stackCount; i++)
        {
            ref StackEntry entry = ref stack[i];
            // An alias is in its local, and a constant nowhere yet: what their own slots hold, nothing reads.
            if (entry.Kind == EntryKind.Temporary) slots.Add((Physical(entry.Slot), entry.Type));
            else if (entry.Kind == EntryKind.Local && entry.Local == retained) retainedType = entry.Type;
        }

        for (int i = 0; i < localCount; i++)
        {
            // The extra local holds whatever was kept in it last, for as long as something on the stack stands for it.
            if (i != retained) slots.Add((Physical(locals[i].Slot), locals[i].Type));
            else if (retainedType != ValueType.Bottom) slots.Add((Physical(locals[i].Slot), retainedType));
        }

        layouts![writer.Pc] = new NotedStack(slots, stackCount == 0 ? -1 : Physical(Top.Slot));
    }

    private FrameLayout Layout(FunctionBody body, int pc, NotedStack noted)
    {
        var op = (Op)(ushort)body.Code[pc];
        bool isCall = op is Op.Call or Op.CallImport or Op.CallIndirect or Op.CallRef;
        var types = new ValueType[isCall ? FrameState.ArgumentBaseAt(body, pc) : body.SlotCount];
        bool hasDestination = OpTable.OperandAt(op, 0).Kind == OperandKind.Destination;
        foreach ((int slot, ValueType type) in noted.Slots)
        {
            bool isResult = hasDestination && slot == noted.TopSlot && slot >= body.TemporaryBase;
            if (!isResult && slot < types.Length) types[slot] = type;
        }

        if (isCall) return new FrameLayout(types);
        for (int i = 0; OpTable.OperandAt(op, i) is { IsField: true } operand; i++)
        {
            int slot = (ushort)(body.Code[pc] >> (16 * (i + 1)));
            // Locals are known; scratch slots for far ones may lie below them.
            if (operand.Kind == OperandKind.Source && (slot >= body.TemporaryBase || types[slot] == ValueType.Bottom)) types[slot] = SourceType(op, i, body.Code, pc);
        }

        return new FrameLayout(types);
    }

    // The ops at which a guest can stop before they are done take indices and lengths, or an element for a table.
    private ValueType SourceType(Op op, int operand, ulong[] code, int pc) => (op, operand) switch
    {
        (Op.TableGrow or Op.TableFill, 1) => module.Tables[(int)(uint)code[pc + 1]].Type.Element,
        (Op.TableSet, 1) => module.Tables[(ushort)(code[pc] >> 48)].Type.Element,
        _ => ValueType.I32,
    };
}
