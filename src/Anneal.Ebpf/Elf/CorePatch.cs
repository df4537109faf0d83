// Puts a CO-RE relocation's value into its instruction: the immediate of an arithmetic instruction or of a 64-bit immediate, the
// offset of a load or store, whose size follows the field's. Where there's no value, the instruction becomes a call of a helper
// that there isn't: an error if the program can come to it, and nothing otherwise.

using Anneal.Ebpf.Btf;

namespace Anneal.Ebpf.Elf;

/// <summary>Patches instructions.</summary>
internal static class CorePatch
{
    /// <summary>Patches the instruction at a slot.</summary>
    /// <param name="code">The code.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="value">The relocation's value.</param>
    /// <param name="isOwn">The value is by the object's own types: the instruction is checked, and stays.</param>
    /// <param name="where">The section, for messages.</param>
    /// <param name="offset">The instruction's offset in it.</param>
    /// <returns>Why the instruction has been made to fail; null if it's fine.</returns>
    public static string? Apply(Span<Instruction> code, int slot, CoreValue value, bool isOwn, string where, long offset)
    {
        Instruction i = code[slot];
        bool isImmediate = i.IsAlu && !i.UsesSourceRegister;
        bool isAccess = i.Class is InstructionClass.Ldx or InstructionClass.St or InstructionClass.Stx;
        if (i.IsWideImmediate)
        {
            if (slot + 1 >= code.Length) throw new ObjectFormatException(where, offset, "half a 64-bit immediate");
        }
        else if (!isImmediate && !isAccess)
        {
            throw new ObjectFormatException(where, offset, $"a CO-RE relocation at opcode 0x{i.Opcode:x2}, which has no value to adjust");
        }

        ulong has = i.IsWideImmediate
            ? (uint)i.Immediate | ((ulong)(uint)code[slot + 1].Immediate << 32)
            : isAccess ? (ulong)i.Offset : i.Class == InstructionClass.Alu ? (uint)i.Immediate : (ulong)i.Immediate;
        ulong should = i.Class == InstructionClass.Alu ? (uint)value.Old : value.Old;
        if (value.IsOldSure && has != should) throw new ObjectFormatException(where, offset, $"a CO-RE relocation for {value.What}: the instruction has {has} where the object's types say {value.Old}");
        if (isOwn) return null;
        if (value.Missing is { } missing) return Poison(code, slot, missing);
        if (i.IsWideImmediate)
        {
            code[slot] = new Instruction(i.Opcode, i.Destination, i.Source, i.Offset, (int)value.New);
            code[slot + 1] = new Instruction(0, 0, 0, 0, (int)(value.New >> 32));
            return null;
        }

        if (isImmediate)
        {
            bool fits = (long)value.New is >= int.MinValue and <= int.MaxValue || (i.Class == InstructionClass.Alu && value.New <= uint.MaxValue);
            if (!fits) return Poison(code, slot, $"{value.What}: {value.New} doesn't fit into the instruction");
            code[slot] = new Instruction(i.Opcode, i.Destination, i.Source, i.Offset, (int)value.New);
            return null;
        }

        if (value.New > (ulong)short.MaxValue) return Poison(code, slot, $"{value.What}: offset {value.New} doesn't fit into a load or store");
        byte opcode = i.Opcode;
        if (value.NewSize != value.OldSize)
        {
            if (value.IsSizeFixed) return Poison(code, slot, $"{value.What} has {value.NewSize} bytes in the target types and {value.OldSize} in the object's, and isn't unsigned or a pointer in both");
            if (BytesOf(i.Size) != value.OldSize) return Poison(code, slot, $"{value.What} has {value.NewSize} bytes in the target types, and the access has {BytesOf(i.Size)} of {value.OldSize}");
            if (SizeOf(value.NewSize) is not { } size) return Poison(code, slot, $"{value.What} has {value.NewSize} bytes in the target types, which no access has");
            opcode = (byte)((opcode & ~SizeMask) | (byte)size);
        }

        code[slot] = new Instruction(opcode, i.Destination, i.Source, (short)value.New, i.Immediate);
        return null;
    }

    /// <summary>Makes the instruction a call that can't work.</summary>
    public static string Poison(Span<Instruction> code, int slot, string why)
    {
        var call = new Instruction(Opcodes.Call, 0, (int)CallKind.Helper, 0, EbpfProgram.UnresolvedCall);
        // Both halves of a 64-bit immediate, since the second alone is no instruction.
        if (code[slot].IsWideImmediate) code[slot + 1] = call;
        code[slot] = call;
        return why;
    }

    private const int SizeMask = 0x18;

    private static int BytesOf(AccessSize size) => size switch
    {
        AccessSize.Byte => 1,
        AccessSize.HalfWord => 2,
        AccessSize.Word => 4,
        _ => 8,
    };

    private static AccessSize? SizeOf(long bytes) => bytes switch
    {
        1 => AccessSize.Byte,
        2 => AccessSize.HalfWord,
        4 => AccessSize.Word,
        8 => AccessSize.DoubleWord,
        _ => null,
    };
}
