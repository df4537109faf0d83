// Constant expressions (section 3.4.13): initializers and offsets. A stack of at most a few operands and no control, so
// this is its own small loop and not the function validator's.

using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Validation;

/// <summary>Validates the constant expressions of one module.</summary>
internal ref struct ConstantExpressionValidator(ModuleDefinition module)
{
    private readonly ReadOnlySpan<byte> bytes = module.Bytes.Span;
    private ValueType[] stack = new ValueType[16];
    private int depth;
    private int position;

    /// <summary>Checks that an expression is constant and gives one value of a type.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="expected">The type that its value must match.</param>
    /// <param name="visibleGlobals">How many of the module's globals it may refer to.</param>
    public void Validate(ConstantExpression expression, ValueType expected, int visibleGlobals)
    {
        depth = 0;
        var reader = new WasmReader(bytes, expression.Start, expression.End, module.Types);
        while (true)
        {
            position = reader.Position;
            WasmOpcode opcode = reader.ReadOpcode();
            switch (opcode)
            {
                case WasmOpcode.End:
                    Pop(expected);
                    if (depth != 0) throw Invalid("type mismatch: an initializer gives more than one value");
                    return;
                case WasmOpcode.I32Const or WasmOpcode.I64Const or WasmOpcode.F32Const or WasmOpcode.F64Const:
                    OpcodeInfo row = WasmOpcodes.Find(opcode)!;
                    reader.SkipImmediate(row.Immediate);
                    Push(WasmOpcodes.TypeOf(row.Results![0]));
                    break;
                case WasmOpcode.I32Add or WasmOpcode.I32Sub or WasmOpcode.I32Mul:
                    Pop(ValueType.I32);
                    Pop(ValueType.I32);
                    Push(ValueType.I32);
                    break;
                case WasmOpcode.I64Add or WasmOpcode.I64Sub or WasmOpcode.I64Mul:
                    Pop(ValueType.I64);
                    Pop(ValueType.I64);
                    Push(ValueType.I64);
                    break;
                case WasmOpcode.GlobalGet:
                    Push(Global(reader.ReadUnsigned32(), visibleGlobals));
                    break;
                case WasmOpcode.RefNull:
                    Push(reader.ReadHeapType(nullable: true));
                    break;
                case WasmOpcode.RefFunc:
                    Push(FunctionReference(reader.ReadUnsigned32()));
                    break;
                default:
                    throw Invalid($"constant expression required: {WasmOpcodes.Find(opcode)!.Mnemonic}");
            }
        }
    }

    private readonly ValueType Global(uint index, int visibleGlobals)
    {
        if (index >= (uint)visibleGlobals) throw Invalid($"unknown global {index}");
        GlobalType type = module.Globals[index].Type;
        return type.IsMutable ? throw Invalid($"constant expression required: global {index} is mutable") : type.Content;
    }

    private readonly ValueType FunctionReference(uint index)
    {
        if (index >= (uint)module.Functions.Length) throw Invalid($"unknown function {index}");
        return ValueType.Concrete(module.Functions[index].CanonicalId, nullable: false);
    }

    private void Push(ValueType type)
    {
        if (depth == stack.Length) Array.Resize(ref stack, depth * 2);
        stack[depth++] = type;
    }

    private void Pop(ValueType expected)
    {
        if (depth == 0) throw Invalid($"type mismatch: expected {expected}, found nothing");
        ValueType actual = stack[--depth];
        if (!Subtyping.Matches(actual, expected)) throw Invalid($"type mismatch: expected {expected}, found {actual}");
    }

    private readonly InvalidModuleException Invalid(string message) => new(message, position);
}
