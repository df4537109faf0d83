// Checks the rules that FunctionBody states of lowered code: operands in range, backward branches only to loop ops, no way
// past the end, and by data flow over all paths that a temporary is read at most once after it's written.

using Anneal.Bytecode;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Tests.Lowering;

internal sealed class BodyChecker
{
    // Bits of data flow state (positions times temporaries) beyond which only the structure is checked.
    private const long MaxFlowBits = 1L << 31;

    private readonly FunctionBody body;
    private readonly ModuleDefinition module;
    private readonly TypeRegistry types;
    private readonly bool[] starts;
    private readonly Dictionary<int, bool[]> states = [];
    private readonly Stack<int> work = [];
    private bool[] written = [];

    private BodyChecker(FunctionBody body, ModuleDefinition module, TypeRegistry types)
    {
        this.body = body;
        this.module = module;
        this.types = types;
        starts = new bool[body.Code.Length];
    }

    /// <summary>Throws, saying what is wrong, if the body breaks a rule.</summary>
    public static void Check(FunctionBody body, ModuleDefinition module, TypeRegistry types)
    {
        var checker = new BodyChecker(body, module, types);
        checker.CheckStructure();
        if ((long)body.Code.Length * (body.SlotCount - body.TemporaryBase) < MaxFlowBits) checker.CheckFlow();
    }

    private static InvalidOperationException Wrong(int pc, string what) => new($"at pc {pc}: {what}");

    private Op OpAt(int pc) => (Op)(ushort)body.Code[pc];

    private void CheckStructure()
    {
        if (body.TemporaryBase > body.SlotCount || body.ParameterSlots > body.TemporaryBase || body.ResultSlots > body.SlotCount)
            throw Wrong(0, "slot counts contradict each other");
        int last = 0, loops = 0;
        for (int pc = 0; pc < body.Code.Length; pc += OpTable.LengthAt(body.Code, pc))
        {
            if (!OpTable.IsDefined(OpAt(pc)) || pc + OpTable.LengthAt(body.Code, pc) > body.Code.Length) throw Wrong(pc, "no whole instruction");
            if (OpAt(pc) == Op.Loop && (uint)body.Code[pc + 1] != loops++) throw Wrong(pc, "loop out of sequence");
            starts[pc] = true;
            last = pc;
        }

        if (loops != body.LoopCount) throw Wrong(last, "loop count");
        if ((OpTable.EffectsOf(OpAt(last)) & Effects.EndsBlock) == 0 || FallsThrough(OpAt(last))) throw Wrong(last, "runs off the end");
        for (int pc = 0; pc < body.Code.Length; pc += OpTable.LengthAt(body.Code, pc)) CheckOperands(pc);
    }

    private void CheckOperands(int pc)
    {
        foreach (int slot in Reads(pc).Concat(Writes(pc)))
        {
            if (slot >= body.SlotCount) throw Wrong(pc, $"{OpAt(pc)} names slot {slot} of {body.SlotCount}");
        }

        foreach (BranchTarget target in Targets(pc))
        {
            if ((uint)target.Pc >= (uint)starts.Length || !starts[target.Pc]) throw Wrong(pc, "target is no instruction");
            if (target.Pc <= pc && OpAt(target.Pc) != Op.Loop) throw Wrong(pc, "backward branch to no loop");
        }
    }

    private void CheckFlow()
    {
        int temporaries = body.SlotCount - body.TemporaryBase;
        Enter(0, new bool[temporaries], int.MaxValue);
        while (work.TryPop(out int pc))
        {
            written = (bool[])states[pc].Clone();
            for (; ; pc += OpTable.LengthAt(body.Code, pc))
            {
                foreach (int slot in Reads(pc)) Read(pc, slot);
                if (Base(pc) is { } window && window < body.SlotCount) Array.Clear(written, Math.Max(0, window - body.TemporaryBase), temporaries - Math.Max(0, window - body.TemporaryBase));
                foreach (int slot in Writes(pc))
                {
                    if (slot >= body.TemporaryBase) written[slot - body.TemporaryBase] = true;
                }

                foreach (BranchTarget target in Targets(pc)) Enter(target.Pc, written, target.LiveSlots == ushort.MaxValue ? int.MaxValue : target.LiveSlots);
                if (!FallsThrough(OpAt(pc))) break;
                int next = pc + OpTable.LengthAt(body.Code, pc);
                if ((OpTable.EffectsOf(OpAt(pc)) & Effects.EndsBlock) != 0 || states.ContainsKey(next) || OpAt(next) == Op.Loop)
                {
                    Enter(next, written, int.MaxValue);
                    break;
                }
            }
        }
    }

    private void Read(int pc, int slot)
    {
        if (slot < body.TemporaryBase) return;
        if (!written[slot - body.TemporaryBase]) throw Wrong(pc, $"{OpAt(pc)} reads temporary {slot}, which isn't written on some path or has been read");
        written[slot - body.TemporaryBase] = false;
    }

    // Control reaches a pc with these temporaries written.
    private void Enter(int pc, bool[] state, int live)
    {
        int count = live == int.MaxValue ? state.Length : Math.Clamp(live - body.TemporaryBase, 0, state.Length);
        if (!states.TryGetValue(pc, out bool[]? known))
        {
            var first = new bool[state.Length];
            state.AsSpan(0, count).CopyTo(first);
            states.Add(pc, first);
            work.Push(pc);
            return;
        }

        bool isChanged = false;
        for (int i = 0; i < known.Length; i++)
        {
            if (!known[i] || (i < count && state[i])) continue;
            known[i] = false;
            isChanged = true;
        }

        if (isChanged) work.Push(pc);
    }

    private static bool FallsThrough(Op op) =>
        op is not (Op.Br or Op.BrTable or Op.Ret or Op.Ret1 or Op.Fret1 or Op.Trap or Op.Tail or Op.TailImport or Op.TailIndirect or Op.TailRef);

    // The argument base of a call; null for other ops.
    private int? Base(int pc)
    {
        int field = OpAt(pc) switch
        {
            Op.Call or Op.CallImport or Op.Tail or Op.TailImport => 1,
            Op.CallIndirect or Op.CallRef or Op.TailIndirect or Op.TailRef => 2,
            _ => 0,
        };
        if (field == 0) return null;
        int slot = (ushort)(body.Code[pc] >> (16 * field));
        return slot == FunctionBody.FarArgumentBaseField ? body.FarArgumentBase : slot;
    }

    private FunctionType CallType(int pc, CallOperand call) =>
        OpAt(pc) is Op.Call or Op.CallImport or Op.Tail or Op.TailImport ? module.Functions[call.Callee] : types[call.Callee];

    private IEnumerable<BranchTarget> Targets(int pc)
    {
        Op op = OpAt(pc);
        if (op == Op.BrTable)
        {
            for (int i = pc + 1; i < pc + OpTable.LengthAt(body.Code, pc); i++) yield return new BranchTarget(body.Code[i]);
        }

        foreach ((OperandKind kind, ulong bits) in Operands(pc))
        {
            if (kind == OperandKind.Target) yield return new BranchTarget(bits);
        }
    }

    private IEnumerable<int> Reads(int pc)
    {
        foreach ((OperandKind kind, ulong bits) in Operands(pc))
        {
            if (kind is OperandKind.Source or OperandKind.SourceWord) yield return (int)bits;
            if (kind == OperandKind.Far) yield return (int)(bits >> 32);
            if (kind != OperandKind.Call) continue;
            for (int i = 0; i < new CallOperand(bits).ArgumentSlots; i++) yield return Base(pc)!.Value + i;
        }
    }

    private IEnumerable<int> Writes(int pc)
    {
        foreach ((OperandKind kind, ulong bits) in Operands(pc))
        {
            if (kind == OperandKind.Destination) yield return (int)bits;
            if (kind == OperandKind.Far) yield return (int)(uint)bits;
            if (kind != OperandKind.Call || !FallsThrough(OpAt(pc))) continue;
            int results = CallType(pc, new CallOperand(bits)).ResultSlots;
            for (int i = 0; i < results; i++) yield return Base(pc)!.Value + i;
        }
    }

    private IEnumerable<(OperandKind Kind, ulong Bits)> Operands(int pc)
    {
        int field = 0, word = 0;
        for (int i = 0; OpTable.OperandAt(OpAt(pc), i) is { Kind: not OperandKind.None } operand; i++)
            yield return (operand.Kind, operand.IsField ? (ushort)(body.Code[pc] >> (16 * ++field)) : body.Code[pc + ++word]);
    }
}
