// Runs lowered modules on the portable tier with nothing around it: no imports, no store. What lowering gets wrong shows as a
// wrong result here, whatever else of the engine is at work.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Lowering;

namespace Anneal.Wasm.Tests.Lowering;

internal sealed unsafe class LoweredInstance : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly Engine engine = new(new EngineOptions { Tier = Tier.Portable });
    private readonly Execution execution;
    private readonly GuestInstance instance;
    private readonly ModuleDefinition module;

    public LoweredInstance(ModuleDefinition module, LoweringOptions options)
    {
        this.module = module;
        execution = engine.Lease();
        instance = Own(new GuestInstance(new ModuleCode(module, options)));
        for (int i = 0; i < module.Functions.Length; i++)
        {
            FunctionReference* reference = instance.OwnReferences + i;
            *reference = new FunctionReference { Instance = instance.State, Function = i, Type = (uint)module.Functions[i].CanonicalId };
            instance.Functions[i] = reference;
        }

        for (int i = 0; i < module.Globals.Length; i++) *instance.Globals[i] = Evaluate(module.Globals[i].Initializer);
        for (int i = 0; i < module.Memories.Length; i++) AddMemory(i, module.Memories[i].Limits);
        for (int i = 0; i < module.Tables.Length; i++) AddTable(i, module.Tables[i]);
        for (int i = 0; i < module.Elements.Length; i++) AddElements(i, module.Elements[i]);
        for (int i = 0; i < module.Datas.Length; i++) AddData(i, module.Datas[i]);
        if (module.StartFunction >= 0) Run(module.StartFunction, []);
    }

    /// <summary>Calls an exported function; the slots of its results.</summary>
    public ulong[] Invoke(string export, params ulong[] arguments) =>
        Run(module.Exports.First(e => e.Name == export && e.Kind == ExternalKind.Function).Index, arguments);

    public void Dispose()
    {
        engine.Return(execution);
        for (int i = owned.Count - 1; i >= 0; i--) owned[i].Dispose();
        engine.Dispose();
    }

    private ulong[] Run(int function, ulong[] arguments)
    {
        ulong* window = execution.State->NestedWindow;
        arguments.AsSpan().CopyTo(new Span<ulong>(window, arguments.Length));
        engine.Invoke(execution, instance.Functions[function], window);
        GC.KeepAlive(this);
        return new Span<ulong>(window, module.Functions[function].ResultSlots).ToArray();
    }

    private T Own<T>(T resource)
        where T : IDisposable
    {
        owned.Add(resource);
        return resource;
    }

    private void AddMemory(int index, Limits limits)
    {
        ulong maximum = Math.Min(limits.Maximum ?? 65536, 65536) * MemoryType.PageSize;
        LinearMemory memory = Own(new LinearMemory(limits.Minimum * MemoryType.PageSize, maximum, AddressingMode.Checked));
        instance.Memories[index] = memory.State;
        if (index == 0) instance.State->MemoryBase = memory.Base;
    }

    private void AddTable(int index, TableDefinition table)
    {
        ulong fill = table.Initializer.IsNone ? 0 : Evaluate(table.Initializer);
        ReferenceTable made = Own(new ReferenceTable(table.Type.Limits.Minimum, Math.Min(table.Type.Limits.Maximum ?? uint.MaxValue, 10_000_000), fill));
        instance.Tables[index] = made.State;
    }

    private void AddElements(int index, ElementSegment segment)
    {
        ulong* values = (ulong*)System.Runtime.InteropServices.NativeMemory.Alloc((nuint)Math.Max(1, segment.Length), sizeof(ulong));
        for (int i = 0; i < segment.Length; i++)
            values[i] = segment.Functions is { } functions ? (ulong)instance.Functions[functions[i]] : Evaluate(segment.Expressions![i]);
        if (segment.Mode == SegmentMode.Passive) instance.ElementSegments[index] = new SegmentState { Start = values, Length = (ulong)segment.Length };
        if (segment.Mode != SegmentMode.Active) return;
        TableState* table = instance.Tables[segment.Table];
        ulong offset = Evaluate(segment.Offset);
        if (offset + (ulong)segment.Length > table->Length) throw new TrapException(TrapKind.TableOutOfBounds, []);
        new Span<ulong>(values, segment.Length).CopyTo(new Span<ulong>(table->Elements + offset, segment.Length));
    }

    private void AddData(int index, DataSegment segment)
    {
        byte* bytes = (byte*)System.Runtime.InteropServices.NativeMemory.Alloc((nuint)Math.Max(1, segment.Length));
        module.Bytes.Span.Slice(segment.Start, segment.Length).CopyTo(new Span<byte>(bytes, segment.Length));
        if (segment.Mode == SegmentMode.Passive) instance.DataSegments[index] = new SegmentState { Start = bytes, Length = (ulong)segment.Length };
        if (segment.Mode != SegmentMode.Active) return;
        MemoryState* memory = instance.Memories[segment.Memory];
        ulong offset = Evaluate(segment.Offset);
        if (offset + (ulong)segment.Length > memory->Length) throw new TrapException(TrapKind.MemoryOutOfBounds, []);
        new Span<byte>(bytes, segment.Length).CopyTo(new Span<byte>(memory->Base + offset, segment.Length));
    }

    private ulong Evaluate(ConstantExpression expression)
    {
        var reader = new WasmReader(module.Bytes.Span, expression.Start, expression.End, module.Types);
        var stack = new Stack<ulong>();
        while (true)
        {
            switch (reader.ReadOpcode())
            {
                case WasmOpcode.End: return stack.Pop();
                case WasmOpcode.I32Const: stack.Push((uint)reader.ReadSigned32()); break;
                case WasmOpcode.I64Const: stack.Push((ulong)reader.ReadSigned64()); break;
                case WasmOpcode.F32Const: stack.Push(reader.ReadFloat32Bits()); break;
                case WasmOpcode.F64Const: stack.Push(reader.ReadFloat64Bits()); break;
                case WasmOpcode.GlobalGet: stack.Push(*instance.Globals[reader.ReadUnsigned32()]); break;
                case WasmOpcode.RefFunc: stack.Push((ulong)instance.Functions[reader.ReadUnsigned32()]); break;
                case WasmOpcode.RefNull:
                    reader.ReadHeapType(nullable: true);
                    stack.Push(0);
                    break;
                case WasmOpcode.I32Add: stack.Push((uint)(stack.Pop() + stack.Pop())); break;
                case WasmOpcode.I32Sub: stack.Push((uint)(0 - stack.Pop() + stack.Pop())); break;
                case WasmOpcode.I32Mul: stack.Push((uint)(stack.Pop() * stack.Pop())); break;
                case WasmOpcode.I64Add: stack.Push(stack.Pop() + stack.Pop()); break;
                case WasmOpcode.I64Sub: stack.Push(0 - stack.Pop() + stack.Pop()); break;
                case WasmOpcode.I64Mul: stack.Push(stack.Pop() * stack.Pop()); break;
                case var other: throw new InvalidOperationException($"{other} in a constant expression");
            }
        }
    }

    private sealed class ModuleCode(ModuleDefinition module, LoweringOptions options) : CodeUnit(new InstanceLayout(Counts(module)))
    {
        public override string? Name => null;

        public override string? FunctionName(int function) => null;

        protected override FunctionBody Lower(int function) => new FunctionLowering(options).Lower(module, function);

        private static InstanceCounts Counts(ModuleDefinition module) => new(
            0, module.Functions.Length, 0, module.Globals.Length, module.Memories.Length, module.Tables.Length, module.Datas.Length, module.Elements.Length,
            module.Codes.Sum(code => code.CallSiteCount));
    }
}
