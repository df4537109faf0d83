// Turns the stack code of one validated WebAssembly function into register bytecode, in one pass and without an
// intermediate form. The operand stack exists only here: local.get and constants push entries that emit nothing and become
// operands of the instruction that pops them; every other value is in its natural slot, the temporary that its stack
// position owns. A label is reached with all values in natural slots, so control joins need no bookkeeping.
//
// Invariants: the bytecode keeps the slot rules stated in FunctionBody (above all: a temporary is read at most once after
// it's written); an alias of a local never outlives a write to the local, nor the start of a block.
//
// A pass may find that it needs what must be known from its start (far slots, the retained local); it then stops and
// starts again knowing it. Called by whoever compiles functions; one object serves one thread, for many functions.

using Anneal.Bytecode;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Lowering;

/// <summary>Lowers functions to bytecode; reusable, for one thread at a time.</summary>
internal sealed partial class FunctionLowering(LoweringOptions options)
{
    /// <summary>The most slots that a function may have: a frame of 16 MiB, which is all of a value stack of default size.</summary>
    public const int MaxSlots = 1 << 21;

    // Entries of scratch kept from one function to the next.
    private const int MaxKeptEntries = 1 << 16;

    // Bytecode that a body may grow to. One instruction adds little, but for branch tables, which check on their own.
    private const int MaxBodyWords = BytecodeWriter.MaxWords / 2;

    private readonly BytecodeWriter writer = new();
    private readonly LoweringRow[] plainRows = LoweringTable.Plain;
    private readonly LoweringRow[] miscellaneousRows = LoweringTable.Miscellaneous;

    private ModuleDefinition module = null!;
    private FunctionType signature = null!;
    private LocalVariable[] locals = new LocalVariable[64];
    private int localCount;
    private int temporaryBase;
    private bool isReachable;

    // The number of the next call site. Counted in unreachable code too, as validation does.
    private int site;

    // An extra local that keeps a value which the bytecode reads more than once; -1 until a pass found that it's needed.
    private int retained;
    private bool needsRetained;

    /// <summary>Lowers the module's own function with this number (not counting imports).</summary>
    /// <exception cref="WasmException">The function needs more slots, or more bytecode, than the engine supports.</exception>
    public FunctionBody Lower(ModuleDefinition module, int ownFunctionIndex)
    {
        this.module = module;
        signature = module.Functions[module.ImportedFunctionCount + ownFunctionIndex];
        ref readonly FunctionCode code = ref module.Codes[ownFunctionIndex];
        needsRetained = false;
        isFar = false;
        farBase = 0;
        try
        {
            while (!TryLower(code))
            {
            }
        }
        catch (Exception e) when (e is MalformedModuleException or InvalidModuleException or IndexOutOfRangeException)
        {
            throw new InvalidOperationException($"engine bug: function {module.ImportedFunctionCount + ownFunctionIndex} was validated but can't be lowered", e);
        }

        if (stack.Length > MaxKeptEntries) stack = new StackEntry[MaxKeptEntries];
        return writer.Finish(SlotCount(), signature.ParameterSlots, signature.ResultSlots, Physical(temporaryBase), usesFarCalls ? Physical(farBase) : 0);
    }

    // One pass; false if it has to be repeated with what it has found out.
    private bool TryLower(in FunctionCode code)
    {
        var reader = new WasmReader(module.Bytes.Span, code.Start, code.End, module.Types);
        writer.Reset();
        site = code.FirstCallSite;
        stackCount = controlCount = lazyFloor = 0;
        producerEnd = floatCompare = chargePc = -1;
        tableNumber = 0;
        memory0 = 0;
        hasMemory0 = false;
        DeclareLocals(ref reader);
        highWater = temporaryBase;
        usesFarCalls = false;
        isReachable = true;
        PushControl(ControlKind.Function, new BlockType(signature, default), 0, writer.NewLabel(Physical(temporaryBase)));
        if (charges) ChargeLocals(ref reader);
        bool retain = needsRetained;
        while (controlCount > 0)
        {
            LowerInstruction(ref reader);
            if (needsRetained != retain) return false;
            if (highWater > FirstScratch - 1 && !isFar)
            {
                isFar = true;
                return false;
            }

            if (highWater > MaxSlots) throw new WasmException($"a function needs more than {MaxSlots} slots");
            CheckSize();
        }

        if (!reader.AtEnd) throw new InvalidOperationException("engine bug: a function body goes on after its end");
        if (usesFarCalls && farBase != highWater)
        {
            farBase = highWater;
            return false;
        }

        return true;
    }

    private void CheckSize()
    {
        if (writer.Pc > MaxBodyWords) throw new WasmException("a function is too large");
    }

    private void DeclareLocals(ref WasmReader reader)
    {
        localCount = 0;
        temporaryBase = 0;
        foreach (ValueType type in signature.Parameters) AddLocals(type, 1);
        for (uint groups = reader.ReadUnsigned32(); groups > 0; groups--)
        {
            uint count = reader.ReadUnsigned32();
            AddLocals(reader.ReadValueType(), count);
        }

        retained = needsRetained ? localCount : -1;
        if (needsRetained) AddLocals(ValueType.FuncRef, 1);
    }

    private void AddLocals(ValueType type, uint count)
    {
        if (count > ModuleLimits.Locals) throw new InvalidOperationException("engine bug: validated function with too many locals");
        int needed = localCount + (int)count;
        if (needed > ModuleLimits.Locals + ModuleLimits.Parameters + 1) throw new InvalidOperationException("engine bug: validated function with too many locals");
        if (needed > locals.Length) Array.Resize(ref locals, Math.Max(needed, locals.Length * 2));
        for (; localCount < needed; localCount++)
        {
            locals[localCount] = new LocalVariable { Slot = temporaryBase, Type = type };
            temporaryBase += type.SlotCount;
        }
    }

    private int SlotCount()
    {
        int slots = Math.Max(Physical(highWater), signature.ResultSlots);
        return usesFarCalls ? Math.Max(slots, Physical(farBase) + farCallSlots) : slots;
    }

    private void LowerInstruction(ref WasmReader reader)
    {
        writer.At(reader.Position);
        byte code = reader.ReadByte();
        if (charges) Charge(CostOf((WasmOpcode)code));
        switch ((WasmOpcode)code)
        {
            case WasmOpcode.LocalGet: PushLocal((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.LocalSet: SetLocal((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.LocalTee: TeeLocal((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.I32Const: PushConstant(ValueType.I32, (uint)reader.ReadSigned32()); break;
            case WasmOpcode.I64Const: PushConstant(ValueType.I64, (ulong)reader.ReadSigned64()); break;
            case WasmOpcode.F32Const: PushConstant(ValueType.F32, reader.ReadFloat32Bits()); break;
            case WasmOpcode.F64Const: PushConstant(ValueType.F64, reader.ReadFloat64Bits()); break;
            case WasmOpcode.Nop: break;
            case WasmOpcode.Drop: Pop(); break;
            case WasmOpcode.Select: Select(); break;
            case WasmOpcode.SelectTyped: reader.SkipImmediate(ImmediateKind.ValueTypes); Select(); break;
            case WasmOpcode.Unreachable: Unreachable(ref reader); break;
            case WasmOpcode.Block: Block(reader.ReadBlockType()); break;
            case WasmOpcode.Loop: Loop(reader.ReadBlockType()); break;
            case WasmOpcode.If: If(reader.ReadBlockType()); break;
            case WasmOpcode.Else: Else(); break;
            case WasmOpcode.End: End(ref reader); break;
            case WasmOpcode.Br: Branch(ref reader); break;
            case WasmOpcode.BrIf: BranchIf((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.BrTable: BranchTable(ref reader); break;
            case WasmOpcode.Return: Return(ref reader); break;
            case WasmOpcode.Call: Call((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.CallIndirect: CallIndirect(ref reader); break;
            case WasmOpcode.ReturnCall: TailCall(ref reader); break;
            case WasmOpcode.ReturnCallIndirect: TailCallIndirect(ref reader); break;
            case WasmOpcode.CallRef: CallReference(reader.ReadTypeIndex()); break;
            case WasmOpcode.ReturnCallRef: TailCallReference(ref reader); break;
            case WasmOpcode.GlobalGet: GlobalGet((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.GlobalSet: GlobalSet((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.TableGet: TableGet((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.TableSet: TableSet((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.MemorySize: MemorySize((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.MemoryGrow: MemoryGrow((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.RefNull: PushConstant(reader.ReadHeapType(nullable: true), 0); break;
            case WasmOpcode.RefIsNull: Test(Op.I64EqK); break;
            case WasmOpcode.RefFunc: PushValue(Op.RefFunc, ValueType.FuncRef, reader.ReadUnsigned32()); break;
            case WasmOpcode.RefAsNonNull: RefAsNonNull(); break;
            case WasmOpcode.BrOnNull: BranchOnNull((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.BrOnNonNull: BranchOnNonNull((int)reader.ReadUnsigned32()); break;
            case (WasmOpcode)WasmOpcodes.MiscellaneousPrefix: LowerMiscellaneous(ref reader); break;
            default: LowerRow(in plainRows[code], ref reader); break;
        }
    }

    private void LowerMiscellaneous(ref WasmReader reader)
    {
        uint number = reader.ReadUnsigned32();
        if (number > byte.MaxValue) throw NotLowered(number);
        switch ((WasmOpcode)((WasmOpcodes.MiscellaneousPrefix << 8) | (int)number))
        {
            case WasmOpcode.MemoryInit: BulkPair(Op.MemoryInit, Op.FuelBytes, reader.ReadUnsigned32(), reader.ReadUnsigned32()); break;
            case WasmOpcode.DataDrop: Drop(Op.DataDrop, reader.ReadUnsigned32()); break;
            case WasmOpcode.MemoryCopy: BulkPair(Op.MemoryCopy, Op.FuelBytes, reader.ReadUnsigned32(), reader.ReadUnsigned32()); break;
            case WasmOpcode.MemoryFill: Bulk(Op.MemoryFill, Op.FuelBytes, reader.ReadUnsigned32()); break;
            case WasmOpcode.TableInit: BulkPair(Op.TableInit, Op.FuelElements, reader.ReadUnsigned32(), reader.ReadUnsigned32()); break;
            case WasmOpcode.ElemDrop: Drop(Op.ElemDrop, reader.ReadUnsigned32()); break;
            case WasmOpcode.TableCopy: BulkPair(Op.TableCopy, Op.FuelElements, reader.ReadUnsigned32(), reader.ReadUnsigned32()); break;
            case WasmOpcode.TableGrow: TableGrow(reader.ReadUnsigned32()); break;
            case WasmOpcode.TableSize: TableSize((int)reader.ReadUnsigned32()); break;
            case WasmOpcode.TableFill: Bulk(Op.TableFill, Op.FuelElements, reader.ReadUnsigned32()); break;
            default: LowerRow(in miscellaneousRows[number], ref reader); break;
        }
    }

    private void LowerRow(in LoweringRow row, ref WasmReader reader)
    {
        switch (row.Shape)
        {
            case LoweringShape.Unary: Unary(in row); break;
            case LoweringShape.Binary: Binary(in row); break;
            case LoweringShape.Test: Test(row.Op); break;
            case LoweringShape.Load: Load(in row, reader.ReadMemoryArgument()); break;
            case LoweringShape.Store: Store(in row, reader.ReadMemoryArgument()); break;
            default: throw NotLowered((uint)row.Opcode);
        }
    }

    private static InvalidOperationException NotLowered(uint opcode) => new($"engine bug: no lowering for opcode 0x{opcode:x}");
}
