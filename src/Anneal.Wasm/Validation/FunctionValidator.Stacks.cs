// The operand and control stacks of appendix A.3, with its rule for unreachable code: an operand that a block doesn't have
// is of any type once the block's end can't be reached.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Validation;

internal sealed unsafe partial class FunctionValidator
{
    private void UseStack(uint[] storage)
    {
        stackStorage = storage;
        stack = (uint*)Unsafe.AsPointer(ref storage[0]);
        limit = stack + storage.Length;
    }

    private void Reserve(int count)
    {
        if (limit - top >= count) return;
        long used = top - stack;
        long below = floor - stack;
        uint[] larger = GC.AllocateUninitializedArray<uint>(checked((int)Math.Max(used + count, stackStorage.Length * 2L)), pinned: true);
        stackStorage.AsSpan(0, (int)used).CopyTo(larger);
        UseStack(larger);
        top = stack + used;
        floor = stack + below;
    }

    private void Push(ValueType type)
    {
        if (top >= limit) Reserve(1);
        *top++ = type.Bits;
    }

    private void Push(ReadOnlySpan<ValueType> types)
    {
        Reserve(types.Length);
        MemoryMarshal.Cast<ValueType, uint>(types).CopyTo(new Span<uint>(top, types.Length));
        top += types.Length;
    }

    private ValueType Pop()
    {
        if (top > floor) return new ValueType(*--top);
        if (frames[depth - 1].Unreachable) return ValueType.Bottom;
        throw Invalid("type mismatch: an operand is missing");
    }

    private ValueType Pop(ValueType expected)
    {
        if (top <= floor && !frames[depth - 1].Unreachable) throw Invalid($"type mismatch: expected {expected}, found nothing");
        ValueType actual = Pop();
        return Subtyping.Matches(actual, expected) ? actual : throw Mismatch(expected, actual);
    }

    private void Pop(ReadOnlySpan<ValueType> types)
    {
        Peek(types);
        top = top - floor > types.Length ? top - types.Length : floor;
    }

    // Checks that the operands are there and leaves them.
    private void Peek(ReadOnlySpan<ValueType> types)
    {
        long have = top - floor;
        ReadOnlySpan<uint> wanted = MemoryMarshal.Cast<ValueType, uint>(types);
        if (have >= types.Length && wanted.SequenceEqual(new ReadOnlySpan<uint>(top - types.Length, types.Length))) return;
        if (have < types.Length && !frames[depth - 1].Unreachable)
            throw Invalid($"type mismatch: expected {types.Length} operands, found {have}");

        // A call of two bytes can have a thousand operands, so answers given lately are not worked out again.
        long count = Math.Min(have, types.Length);
        for (int i = 1; i <= count; i++)
        {
            uint actual = top[-i];
            uint expected = wanted[^i];
            if (actual == expected) continue;
            ulong pair = ((ulong)actual << 32) | expected;
            ref ulong known = ref matches[(int)((pair * 0x9E37_79B9_7F4A_7C15) >> 60)];
            if (known == pair) continue;
            if (!Subtyping.Matches(new ValueType(actual), new ValueType(expected)))
                throw Mismatch(new ValueType(expected), new ValueType(actual));
            known = pair;
        }
    }

    // Pops a reference of any type; bottom becomes a reference to bottom.
    private ValueType PopReference()
    {
        ValueType type = Pop();
        if (type == ValueType.Bottom) return ValueType.Reference(Subtyping.BottomHeap, nullable: false);
        return type.IsReference ? type : throw Invalid($"type mismatch: expected a reference, found {type}");
    }

    private void PushFrame(FrameKind kind, BlockType type)
    {
        if (depth == frames.Length) Array.Resize(ref frames, depth * 2);
        ref ControlFrame frame = ref frames[depth++];
        frame.Function = type.Function;
        frame.Result = type.Result;
        frame.Floor = (int)(top - stack);
        frame.InitializedLocals = locals.AssignedCount;
        frame.Stamp = 0;
        frame.Kind = kind;
        frame.IsBareLabel = LabelTypes(in frame).IsEmpty;
        frame.Unreachable = false;
        floor = top;
    }

    private void EnterBlock(FrameKind kind, BlockType type)
    {
        if (type.Function is not { Parameters.IsEmpty: false } function)
        {
            PushFrame(kind, type);
            return;
        }

        Pop(function.Parameters.AsSpan());
        PushFrame(kind, type);
        Push(function.Parameters.AsSpan());
    }

    // Leaves the innermost block with its results checked; they aren't on the stack any more.
    private void CloseFrame()
    {
        ref ControlFrame frame = ref frames[depth - 1];
        Pop(Results(in frame));
        if (top != floor) throw Invalid($"type mismatch: {top - floor} more operands than the block has results");
        locals.Forget(frame.InitializedLocals);
        depth--;
        floor = depth == 0 ? stack : stack + frames[depth - 1].Floor;
    }

    private void SetUnreachable()
    {
        top = floor;
        frames[depth - 1].Unreachable = true;
    }

    private ref ControlFrame Label(uint index)
    {
        if (index >= (uint)depth) throw Invalid($"unknown label {index}");
        return ref frames[depth - 1 - (int)index];
    }

    private static ReadOnlySpan<ValueType> Parameters(in ControlFrame frame) =>
        frame.Function is null ? default : frame.Function.Parameters.AsSpan();

    private static ReadOnlySpan<ValueType> Results(in ControlFrame frame)
    {
        if (frame.Function is not null) return frame.Function.Results.AsSpan();
        return frame.Result == ValueType.Bottom ? default : new ReadOnlySpan<ValueType>(in frame.Result);
    }

    // What a branch to the label takes.
    private static ReadOnlySpan<ValueType> LabelTypes(in ControlFrame frame) =>
        frame.Kind == FrameKind.Loop ? Parameters(in frame) : Results(in frame);

    private InvalidModuleException Mismatch(ValueType expected, ValueType actual) =>
        Invalid($"type mismatch: expected {expected}, found {actual}");
}
