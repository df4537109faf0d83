// Computes constant expressions of a validated module: initializers and offsets, while an instance is made.

using Anneal.Runtime;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Runtime;

/// <summary>Evaluates the constant expressions of one instance; globals and functions that they name must be in place.</summary>
internal sealed unsafe class ConstantEvaluator(ModuleDefinition module, GuestInstance instance)
{
    private ulong[] stack = new ulong[16];

    /// <summary>The value of an expression, as a slot.</summary>
    public ulong Evaluate(ConstantExpression expression)
    {
        int depth = 0;
        var reader = new WasmReader(module.Bytes.Span, expression.Start, expression.End, module.Types);
        while (true)
        {
            if (depth == stack.Length) Array.Resize(ref stack, depth * 2);
            WasmOpcode opcode = reader.ReadOpcode();
            switch (opcode)
            {
                case WasmOpcode.End:
                    return stack[0];
                case WasmOpcode.I32Const:
                    stack[depth++] = (uint)reader.ReadSigned32();
                    break;
                case WasmOpcode.I64Const:
                    stack[depth++] = (ulong)reader.ReadSigned64();
                    break;
                case WasmOpcode.F32Const:
                    stack[depth++] = reader.ReadFloat32Bits();
                    break;
                case WasmOpcode.F64Const:
                    stack[depth++] = reader.ReadFloat64Bits();
                    break;
                case WasmOpcode.GlobalGet:
                    stack[depth++] = *instance.Globals[reader.ReadUnsigned32()];
                    break;
                case WasmOpcode.RefNull:
                    reader.ReadHeapType(nullable: true);
                    stack[depth++] = 0;
                    break;
                case WasmOpcode.RefFunc:
                    stack[depth++] = (ulong)instance.Functions[reader.ReadUnsigned32()];
                    break;
                default:
                    depth--;
                    stack[depth - 1] = Compute(opcode, stack[depth - 1], stack[depth]);
                    break;
            }
        }
    }

    private static ulong Compute(WasmOpcode opcode, ulong left, ulong right) => opcode switch
    {
        WasmOpcode.I32Add => (uint)(left + right),
        WasmOpcode.I32Sub => (uint)(left - right),
        WasmOpcode.I32Mul => (uint)(left * right),
        WasmOpcode.I64Add => left + right,
        WasmOpcode.I64Sub => left - right,
        WasmOpcode.I64Mul => left * right,
        _ => throw new InvalidOperationException($"engine bug: {opcode} in a validated constant expression"),
    };
}
