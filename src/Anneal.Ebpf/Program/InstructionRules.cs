// Which encodings are instructions (RFC 9669, sections 4 and 5): everything that the standard doesn't define is refused, and
// so are fields that an instruction doesn't use and that aren't zero.

namespace Anneal.Ebpf;

/// <summary>Decides whether an encoding is an instruction.</summary>
internal static class InstructionRules
{
    private const int RegisterCount = 11;

    /// <summary>What is wrong with the encoding, taken by itself; null if it's an instruction.</summary>
    public static string? Fault(Instruction i)
    {
        if (i.Destination >= RegisterCount) return $"register r{i.Destination}, which there isn't";
        return i.Class switch
        {
            InstructionClass.Alu or InstructionClass.Alu64 => Arithmetic(i),
            InstructionClass.Jmp or InstructionClass.Jmp32 => Jump(i),
            InstructionClass.Ld => Legacy(i),
            _ => Access(i),
        };
    }

    private static string? Arithmetic(Instruction i)
    {
        AluOperation operation = i.AluOperation;
        if (operation > AluOperation.End) return Unknown(i);
        if (!ProgramChecker.IsWritable(i.Destination)) return ReadOnlyFrame;
        if (operation == AluOperation.End)
        {
            if (i.Source != 0 || i.Offset != 0) return Unused;
            if (i.Class == InstructionClass.Alu64 && i.UsesSourceRegister) return Unknown(i);
            return i.Immediate is 16 or 32 or 64 ? null : $"byte swap of {i.Immediate} bits, which there isn't";
        }

        if (operation == AluOperation.Neg)
            return i.UsesSourceRegister || i.Source != 0 || i.Offset != 0 || i.Immediate != 0 ? Unused : null;
        if (i.UsesSourceRegister)
        {
            if (i.Source >= RegisterCount) return $"register r{i.Source}, which there isn't";
            if (i.Immediate != 0) return Unused;
        }
        else if (i.Source != 0)
        {
            return Unused;
        }

        bool known = operation switch
        {
            AluOperation.Div or AluOperation.Mod => i.Offset is 0 or 1,
            AluOperation.Mov when i.UsesSourceRegister => i.Offset is 0 or 8 or 16 || (i.Offset == 32 && i.Class == InstructionClass.Alu64),
            _ => i.Offset == 0,
        };
        if (!known) return $"offset {i.Offset} in an arithmetic instruction that has no such form";
        return null;
    }

    private static string? Jump(Instruction i)
    {
        bool wide = i.Class == InstructionClass.Jmp;
        switch (i.JumpOperation)
        {
            case JumpOperation.Always:
                if (i.UsesSourceRegister) return Unknown(i);
                if (i.Destination != 0 || i.Source != 0) return Unused;
                return (wide ? i.Immediate : i.Offset) == 0 ? null : Unused;
            case JumpOperation.Call:
                if (!wide) return Unknown(i);
                // The register that holds the helper's number is the destination field's.
                if (i.UsesSourceRegister) return i.Source == 0 && i.Offset == 0 && i.Immediate == 0 ? null : Unused;
                if (i.Destination != 0 || i.Offset != 0) return Unused;
                return i.Source is (int)CallKind.Helper or (int)CallKind.Local ? null
                    : i.Source == (int)CallKind.Typed ? "call of a host function by type, which isn't supported" : $"call of kind {i.Source}, which there isn't";
            case JumpOperation.Exit:
                return !wide || i.UsesSourceRegister ? Unknown(i) : (i.Bits & ~0xFFul) == 0 ? null : Unused;
            case > JumpOperation.SignedLessOrEqual:
                return Unknown(i);
            default:
                if (!i.UsesSourceRegister) return i.Source == 0 ? null : Unused;
                if (i.Source >= RegisterCount) return $"register r{i.Source}, which there isn't";
                return i.Immediate == 0 ? null : Unused;
        }
    }

    private static string? Legacy(Instruction i)
    {
        if (i.IsWideImmediate)
        {
            if (!ProgramChecker.IsWritable(i.Destination)) return ReadOnlyFrame;
            return i.Offset == 0 ? null : Unused;
        }

        if (i.Mode is not (AccessMode.Absolute or AccessMode.Indirect) || i.Size == AccessSize.DoubleWord) return Unknown(i);
        if (i.Destination != 0 || i.Offset != 0) return Unused;
        if (i.Mode == AccessMode.Absolute) return i.Source == 0 ? null : Unused;
        return i.Source < RegisterCount ? null : $"register r{i.Source}, which there isn't";
    }

    private static string? Access(Instruction i)
    {
        switch (i.Class)
        {
            case InstructionClass.Ldx:
                if (i.Mode != AccessMode.Memory && (i.Mode != AccessMode.MemorySignExtending || i.Size == AccessSize.DoubleWord)) return Unknown(i);
                if (!ProgramChecker.IsWritable(i.Destination)) return ReadOnlyFrame;
                if (i.Immediate != 0) return Unused;
                break;
            case InstructionClass.St:
                if (i.Mode != AccessMode.Memory) return Unknown(i);
                return i.Source == 0 ? null : Unused;
            default:
                if (i.Mode == AccessMode.Atomic) return Atomic(i);
                if (i.Mode != AccessMode.Memory) return Unknown(i);
                if (i.Immediate != 0) return Unused;
                break;
        }

        return i.Source < RegisterCount ? null : $"register r{i.Source}, which there isn't";
    }

    private static string? Atomic(Instruction i)
    {
        if (i.Size is not (AccessSize.Word or AccessSize.DoubleWord)) return Unknown(i);
        if (i.Source >= RegisterCount) return $"register r{i.Source}, which there isn't";
        switch (i.AtomicOperation)
        {
            case AtomicOperation.Add or AtomicOperation.Or or AtomicOperation.And or AtomicOperation.Xor:
            case AtomicOperation.CompareExchange:
                return null;
            case AtomicOperation.FetchAdd or AtomicOperation.FetchOr or AtomicOperation.FetchAnd or AtomicOperation.FetchXor:
            case AtomicOperation.Exchange:
                return ProgramChecker.IsWritable(i.Source) ? null : ReadOnlyFrame;
            default:
                return $"atomic operation 0x{i.Immediate:x}, which there isn't";
        }
    }

    private const string Unused = "a field that the instruction doesn't use isn't zero";
    private const string ReadOnlyFrame = "r10 can't be written";

    private static string Unknown(Instruction i) => $"opcode 0x{i.Opcode:x2}, which there isn't";
}
