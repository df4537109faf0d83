// One instruction in the C-like notation that bpftool and llvm-objdump print, for messages and the log.

using System.Globalization;

namespace Anneal.Ebpf.Verification;

/// <summary>Prints instructions.</summary>
internal static class InstructionText
{
    public static string Of(EbpfProgram program, int slot)
    {
        Instruction i = program.Instructions[slot];
        switch (i.Class)
        {
            case InstructionClass.Alu or InstructionClass.Alu64:
                return Arithmetic(i);
            case InstructionClass.Ldx:
                string sign = i.Mode == AccessMode.MemorySignExtending ? "s" : "u";
                return Text($"r{i.Destination} = *({sign}{i.SizeInBytes * 8} *)(r{i.Source}{Signed(i.Offset)})");
            case InstructionClass.St:
                return Text($"*(u{i.SizeInBytes * 8} *)(r{i.Destination}{Signed(i.Offset)}) = {i.Immediate}");
            case InstructionClass.Stx:
                return i.Mode == AccessMode.Atomic ? Atomic(i) : Text($"*(u{i.SizeInBytes * 8} *)(r{i.Destination}{Signed(i.Offset)}) = r{i.Source}");
            case InstructionClass.Ld:
                return Wide(program, slot, i);
            default:
                return Jump(program, slot, i);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Signed(long value) => value < 0 ? Text($" - {-value}") : Text($" + {value}");

    private static string Arithmetic(Instruction i)
    {
        char r = i.Is64Bit ? 'r' : 'w';
        string destination = Text($"{r}{i.Destination}");
        string source = i.UsesSourceRegister ? Text($"{r}{i.Source}") : Text($"{i.Immediate}");
        switch (i.AluOperation)
        {
            case AluOperation.Neg:
                return $"{destination} = -{destination}";
            case AluOperation.End:
                string kind = i.Is64Bit ? "bswap" : i.UsesSourceRegister ? "be" : "le";
                return Text($"r{i.Destination} = {kind}{i.Immediate} r{i.Destination}");
            case AluOperation.Mov:
                return i.Offset == 0 ? $"{destination} = {source}" : Text($"{destination} = (s{i.Offset}){source}");
        }

        string operation = i.AluOperation switch
        {
            AluOperation.Add => "+=",
            AluOperation.Sub => "-=",
            AluOperation.Mul => "*=",
            AluOperation.Div => i.Offset == 0 ? "/=" : "s/=",
            AluOperation.Mod => i.Offset == 0 ? "%=" : "s%=",
            AluOperation.Or => "|=",
            AluOperation.And => "&=",
            AluOperation.Xor => "^=",
            AluOperation.Lsh => "<<=",
            AluOperation.Rsh => ">>=",
            _ => "s>>=",
        };
        return $"{destination} {operation} {source}";
    }

    private static string Atomic(Instruction i)
    {
        string place = Text($"*(u{i.SizeInBytes * 8} *)(r{i.Destination}{Signed(i.Offset)})");
        return i.AtomicOperation switch
        {
            AtomicOperation.Exchange => Text($"r{i.Source} = xchg({place}, r{i.Source})"),
            AtomicOperation.CompareExchange => Text($"r0 = cmpxchg({place}, r0, r{i.Source})"),
            _ => Text($"lock {place} {(AtomicOperation)(i.Immediate & ~1) switch
            {
                AtomicOperation.Add => "+=",
                AtomicOperation.Or => "|=",
                AtomicOperation.And => "&=",
                _ => "^=",
            }} r{i.Source}{((i.Immediate & 1) != 0 ? " (fetch)" : "")}"),
        };
    }

    private static string Wide(EbpfProgram program, int slot, Instruction i)
    {
        if (!i.IsWideImmediate) return Text($"r0 = *(u{i.SizeInBytes * 8} *)skb[{(i.Mode == AccessMode.Indirect ? Text($"r{i.Source} + ") : "")}{i.Immediate}]");
        return (PseudoSource)i.Source switch
        {
            PseudoSource.Map => Text($"r{i.Destination} = map[{program.Maps[i.Immediate].Name}] ll"),
            PseudoSource.MapValue => Text($"r{i.Destination} = map[{program.Maps[i.Immediate].Name}][0] + {program.Instructions[slot + 1].Immediate} ll"),
            PseudoSource.Function => Text($"r{i.Destination} = function {program.Subprograms[program.SubprogramAt(program.CallTarget(slot))].Name} ll"),
            _ => Text($"r{i.Destination} = 0x{program.WideImmediate(slot):x} ll"),
        };
    }

    private static string Jump(EbpfProgram program, int slot, Instruction i)
    {
        if (i.IsExit) return "exit";
        if (i.IsUnconditionalJump) return Text($"goto {program.JumpTarget(slot)}");
        if (i.IsLocalCall) return Text($"call {program.Subprograms[program.SubprogramAt(program.CallTarget(slot))].Name}");
        if (i.IsCall) return i.Opcode == Opcodes.Call ? Text($"call helper {i.Immediate}") : Text($"callx r{i.Destination}");
        char r = i.Is64Bit ? 'r' : 'w';
        string operation = i.JumpOperation switch
        {
            JumpOperation.Equal => "==",
            JumpOperation.NotEqual => "!=",
            JumpOperation.Greater => ">",
            JumpOperation.GreaterOrEqual => ">=",
            JumpOperation.Less => "<",
            JumpOperation.LessOrEqual => "<=",
            JumpOperation.SignedGreater => "s>",
            JumpOperation.SignedGreaterOrEqual => "s>=",
            JumpOperation.SignedLess => "s<",
            JumpOperation.SignedLessOrEqual => "s<=",
            _ => "&",
        };
        return Text($"if {r}{i.Destination} {operation} {(i.UsesSourceRegister ? Text($"{r}{i.Source}") : Text($"{i.Immediate}"))} goto {program.JumpTarget(slot)}");
    }
}
