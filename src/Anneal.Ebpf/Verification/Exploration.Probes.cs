// Helpers that follow addresses: those that print values by a format, and those that read any address. Pointers may be given to them
// where they are followed (%s) and nowhere else (%x), so that no address becomes a number. ProbedValues says what is found out here.

using Anneal.Ebpf.Helpers;

namespace Anneal.Ebpf.Verification;

internal sealed partial class Exploration
{
    private const int FirstValueRegister = 3, RegisterValues = 3;
    private const string StackOrNumber = "points into the stack on one path and is a number on another";

    // Probing an address: the pointer must be to data, as for any load, if it's known where it points.
    private void CheckProbes(in CallContext call)
    {
        HelperPrototype prototype = call.Prototype;
        for (int a = 0; a < prototype.Arguments.Length; a++)
        {
            ArgumentType type = prototype.Arguments[a];
            if (type is not (ArgumentType.ProbedMemory or ArgumentType.ProbedText)) continue;
            ref RegisterState state = ref Top.Registers[a + 1];
            long wanted = 1;
            if (type == ArgumentType.ProbedMemory && a > 0 && Top.Registers[a].Kind == RegisterKind.Scalar) wanted = Math.Max((long)Top.Registers[a].Number.Full.UMax, 1);
            NoteProbe(facts.Probes(slot, 1), 0, state, wanted, $"r{a + 1}, argument {a + 1} of {prototype.Name},");
        }

        if (prototype.FormatArgument < 0 || !prototype.PassesAllRegisters) return;
        bool known = TryFindFormat(prototype, out ReadOnlySpan<byte> format);
        Span<FormatConversion> conversions = stackalloc FormatConversion[FormatReader.MaxValues];
        int count = 0;
        if (known) known = TryRead(format, conversions, out count);
        ProbedValues values = facts.Probes(slot, RegisterValues);
        for (int i = 0; i < RegisterValues; i++)
        {
            ref RegisterState state = ref Top.Registers[FirstValueRegister + i];
            bool used = known && i < count;
            if (used && state.Kind == RegisterKind.Uninitialized) throw Refuse($"r{FirstValueRegister + i}, which the format of {prototype.Name} names, isn't initialized");
            bool follows = used && conversions[i].ReadsMemory;
            if (used && !follows && state.IsPointer && !options.AllowPointerLeaks) throw Refuse(AsNumber(i, state, prototype));
            // What the format doesn't name is whatever was left in the register.
            if (state.Kind == RegisterKind.Uninitialized || (!used && !options.AllowPointerLeaks && state.IsPointer)) values.Withhold(i);
            else if (follows || !used) NoteProbe(values, i, state, 1, $"value {i + 1} of {prototype.Name}");
            else NoteNumber(values, i, $"value {i + 1} of {prototype.Name}");
        }
    }

    /// <summary>Checks the array of values behind a format; false if that's left to the check of any other memory.</summary>
    private bool CheckValues(int register, in RegisterState memory, in RegisterState size, in CallContext call)
    {
        HelperPrototype prototype = call.Prototype;
        Span<FormatConversion> conversions = stackalloc FormatConversion[FormatReader.MaxValues];
        int count = 0;
        bool known = TryFindFormat(prototype, out ReadOnlySpan<byte> format);
        if (known && !TryRead(format, conversions, out count))
        {
            if (prototype.Arguments[prototype.FormatArgument] == ArgumentType.ConstString) throw Refuse($"the format of {prototype.Name} isn't one");
            known = false;
        }

        ProbedValues values = facts.Probes(slot, FormatReader.MaxValues);
        bool sized = size.Number.IsConstant;
        int bytes = sized ? (int)size.Number.ConstantValue : 0;
        if (sized && known && bytes / 8 < count) throw Refuse($"the format of {prototype.Name} names {count} values, and there are {bytes / 8}");
        bool place = memory is { Kind: RegisterKind.Stack, MaybeNull: false, Number.IsConstant: true };
        if (!place || !sized || bytes == 0 || bytes % 8 != 0 || bytes > FormatReader.MaxValues * 8)
        {
            for (int i = 0; i < FormatReader.MaxValues; i++) NoteNumber(values, i, $"value {i + 1} of {prototype.Name}");
            return false;
        }

        CheckStackRange(register, memory, 0, bytes, out int first, out _);
        FrameState frame = path.Frames[memory.Object]!;
        facts.Stack(frame.Subprogram, first);
        for (int i = 0; i < bytes / 8; i++)
        {
            int offset = first + (i * 8);
            string name = $"value {i + 1} of {prototype.Name}";
            bool follows = (known && i < count && conversions[i].ReadsMemory) || (!known && options.AllowPointerLeaks);
            bool stored = (offset & 7) == 0 && SlotOf(offset) < frame.Depth && (frame.Whole >> SlotOf(offset) & 1) != 0 && frame.Spills[SlotOf(offset)].IsPointer;
            if (stored && follows)
            {
                NoteProbe(values, i, frame.Spills[SlotOf(offset)], 1, name);
                continue;
            }

            if (stored && known && i < count && !options.AllowPointerLeaks) throw Refuse(AsNumber(i, frame.Spills[SlotOf(offset)], prototype));
            RequireWritten(frame, offset, offset + 8, "helper's use");
            bool isNull = (offset & 7) == 0 && frame.KindsOf(SlotOf(offset), out bool _) == FrameState.Zero;
            if (!isNull) NoteNumber(values, i, name);
        }

        return true;
    }

    private string AsNumber(int value, in RegisterState state, HelperPrototype prototype) =>
        $"value {value + 1} of {prototype.Name} is a pointer ({Describe(state)}), and the format prints it as a number";

    private void NoteProbe(ProbedValues values, int index, in RegisterState state, long wanted, string name)
    {
        if (state.IsNull) return;
        if (state.Kind == RegisterKind.Scalar)
        {
            NoteNumber(values, index, name);
            return;
        }

        if (state.Kind != RegisterKind.Stack) return;
        if (!state.Number.IsConstant) throw Refuse($"{name} points to no known place of the stack ({Describe(state)})");
        int first = state.Offset + (int)state.Number.ConstantValue;
        if (first is < -FrameState.StackBytes or >= 0) throw Refuse($"{name} points outside of the frame's stack ({Describe(state)})");
        FrameState frame = path.Frames[state.Object]!;
        facts.Stack(frame.Subprogram, first);
        RequireWritten(frame, first, (int)Math.Min(first + wanted, 0), "helper's use");
        if (first + wanted > 0) throw Refuse($"{name} points to {-first} bytes of stack, and {wanted} may be read");
        int end = first;
        while (end < 0 && IsReadable(frame, end)) end++;
        if (!values.NoteStack(index, end - first)) throw Refuse($"{name} {StackOrNumber}");
    }

    private void NoteNumber(ProbedValues values, int index, string name)
    {
        if (!values.NoteNumber(index)) throw Refuse($"{name} {StackOrNumber}");
    }

    private bool IsReadable(FrameState frame, int offset)
    {
        ulong kinds = frame.KindsOf(SlotOf(offset), out bool pointer);
        return pointer ? options.AllowPointerLeaks : (kinds >> ((offset & 7) * 8) & 0xFF) != 0;
    }

    // The text of a format that can't change.
    private bool TryFindFormat(HelperPrototype prototype, out ReadOnlySpan<byte> format)
    {
        format = default;
        int argument = prototype.FormatArgument;
        ref RegisterState state = ref Top.Registers[argument + 1];
        if (state is not { Kind: RegisterKind.MapValue, MaybeNull: false, Number.IsConstant: true }) return false;
        MapDefinition map = maps[state.Object];
        if (!map.IsFrozen || (map.Flags & MapFlags.ProgramReadOnly) == 0 || map.Type != MapType.Array || map.MaxEntries != 1) return false;
        long start = state.Offset + (long)state.Number.ConstantValue;
        if (start < 0 || start >= map.ValueSize) return false;
        long limit = map.ValueSize - start;
        if (prototype.Arguments[argument] == ArgumentType.ReadableMemory)
        {
            ref RegisterState size = ref Top.Registers[argument + 2];
            if (size.Kind != RegisterKind.Scalar || !size.Number.IsConstant) return false;
            limit = Math.Min(limit, (long)Math.Min(size.Number.ConstantValue, int.MaxValue));
        }

        // Bytes behind the initial ones are zero.
        ReadOnlySpan<byte> text = start < map.InitialValue.Length ? map.InitialValue.Span[(int)start..] : [];
        bool padded = text.Length < limit;
        if (text.Length > limit) text = text[..(int)limit];
        int end = text.IndexOf((byte)0);
        if (end < 0 && !padded) return false;
        format = end < 0 ? text : text[..end];
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> format, Span<FormatConversion> conversions, out int count)
    {
        count = 0;
        var reader = new FormatReader(format);
        while (true)
        {
            FormatPiece piece = reader.Next(out FormatConversion conversion);
            if (piece is FormatPiece.End or FormatPiece.Malformed) return piece == FormatPiece.End;
            if (piece == FormatPiece.Literal) continue;
            if (count == conversions.Length) return false;
            conversions[count++] = conversion;
        }
    }
}
