// The control instructions in the form that most code has them: blocks without parameters and with at most one result,
// branches that carry nothing or an operand of the very type, calls whose operands have exactly the parameters' types.
// Anything else is declined, before anything but `position` and `top` has changed, and Slow starts the instruction over.

using System.Runtime.CompilerServices;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Validation;

internal sealed unsafe partial class FunctionValidator
{
    private const byte EmptyBlock = 0x40;

    // The opcode is behind `position`, and at least eleven bytes can be read after it.
    private bool Control(WasmOpcode opcode)
    {
        switch (opcode)
        {
            case WasmOpcode.Block:
            case WasmOpcode.Loop:
                if (code[position++] != EmptyBlock) return false;
                PushFrame(opcode == WasmOpcode.Block ? FrameKind.Block : FrameKind.Loop, default);
                return true;

            case WasmOpcode.If:
                if (code[position++] != EmptyBlock || top <= floor || top[-1] != I32) return false;
                top--;
                PushFrame(FrameKind.If, default);
                return true;

            case WasmOpcode.Else:
            {
                ref ControlFrame frame = ref frames[depth - 1];
                if (frame.Kind != FrameKind.If || !HasExactlyResult(in frame)) return false;
                locals.Forget(frame.InitializedLocals);
                frame.Kind = FrameKind.Else;
                frame.Unreachable = false;
                frame.Stamp = 0;
                top = floor;
                return true;
            }

            case WasmOpcode.End:
            {
                ref ControlFrame frame = ref frames[depth - 1];
                if (depth == 1 || !HasExactlyResult(in frame)) return false;
                if (frame.Kind == FrameKind.If && frame.Result != ValueType.Bottom) return false;
                locals.Forget(frame.InitializedLocals);

                // The result, if there is one, is where the outer block wants it.
                depth--;
                floor = stack + frames[depth - 1].Floor;
                return true;
            }

            case WasmOpcode.Br:
            {
                uint label = ShortIndex(code, ref position);
                if (label >= (uint)depth || !frames[depth - 1 - (int)label].IsBareLabel) return false;
                SetUnreachable();
                return true;
            }

            case WasmOpcode.BrIf:
            {
                uint label = ShortIndex(code, ref position);
                if (label >= (uint)depth || top <= floor || top[-1] != I32) return false;
                ref ControlFrame target = ref frames[depth - 1 - (int)label];
                if (!target.IsBareLabel && (top < floor + 2 || !TakesExactly(in target, top[-2]))) return false;
                top--;
                return true;
            }

            case WasmOpcode.Return:
                if (!frames[0].IsBareLabel && (top <= floor || !TakesExactly(in frames[0], top[-1]))) return false;
                SetUnreachable();
                return true;

            case WasmOpcode.Unreachable:
                SetUnreachable();
                return true;

            case WasmOpcode.Select:
                if (top < floor + 3 || top[-1] != I32 || top[-2] != top[-3] || new ValueType(top[-2]).IsReference) return false;
                top -= 2;
                return true;

            case WasmOpcode.Call:
                return DirectCall();

            default:
                return false;
        }
    }

    private bool DirectCall()
    {
        uint index = ShortIndex(code, ref position);
        if (index >= (uint)module.Functions.Length) return false;
        FunctionType type = module.Functions[index];
        ReadOnlySpan<ValueType> parameters = type.Parameters.AsSpan();
        ReadOnlySpan<ValueType> results = type.Results.AsSpan();
        if (top - floor < parameters.Length || results.Length > 1 || top >= limit) return false;
        uint* arguments = top - parameters.Length;
        for (int i = 0; i < parameters.Length; i++)
        {
            if (arguments[i] != parameters[i].Bits) return false;
        }

        top = arguments;
        if (results.Length == 1) *top++ = results[0].Bits;
        return true;
    }

    // Whether branches to the label take one operand, of just this type.
    private static bool TakesExactly(in ControlFrame frame, uint type)
    {
        ReadOnlySpan<ValueType> types = LabelTypes(in frame);
        return types.Length == 1 && types[0].Bits == type;
    }

    // Whether a block without function type has on the operand stack what its end demands, and no more.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasExactlyResult(in ControlFrame frame)
    {
        if (frame.Function is not null) return false;
        return frame.Result == ValueType.Bottom ? top == floor : top == floor + 1 && top[-1] == frame.Result.Bits;
    }
}
