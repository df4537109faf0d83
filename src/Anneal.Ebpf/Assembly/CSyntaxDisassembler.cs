// Prints instructions in the C-like notation of llvm-objdump. Jumps are printed by distance ("goto +3"), as there; calls of
// subprograms as "call pc+3", as bpftool does, because objdump's text doesn't tell them from helper calls. What is printed
// assembles to the same instructions again.

using static Anneal.Ebpf.Assembly.InstructionWriter;

namespace Anneal.Ebpf.Assembly;

/// <summary>Disassembles to the C-like notation.</summary>
public static class CSyntaxDisassembler
{
    private static readonly string[] Operators = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "", "%=", "^=", "=", "s>>="];
    private static readonly string[] Comparisons = ["", "==", ">", ">=", "&", "!=", "s>", "s>=", "", "", "<", "<=", "s<", "s<="];

    /// <summary>The text of a program, a line an instruction.</summary>
    /// <exception cref="ArgumentException">Something in it is no instruction.</exception>
    public static string Disassemble(ReadOnlySpan<Instruction> code) => InstructionWriter.Lines(code, Write);

    /// <summary>The text of the instruction at a slot.</summary>
    /// <exception cref="ArgumentException">It's no instruction.</exception>
    public static string Line(ReadOnlySpan<Instruction> code, int slot) => InstructionWriter.Line(code, slot, Write);

    private static string Write(Instruction i, Instruction second) => i.Class switch
    {
        InstructionClass.Alu or InstructionClass.Alu64 => Arithmetic(i),
        InstructionClass.Jmp or InstructionClass.Jmp32 => Jump(i),
        InstructionClass.Ldx => Text($"r{i.Destination} = *({(i.Mode == AccessMode.Memory ? 'u' : 's')}{i.SizeInBytes * 8} *)(r{i.Source} {Signed(i.Offset)})"),
        InstructionClass.St => Text($"{Place(i)} = {i.Immediate}"),
        InstructionClass.Stx => i.Mode == AccessMode.Atomic ? Atomic(i) : Text($"{Place(i)} = {Source(i)}"),
        _ when i.IsWideImmediate => Wide(i, second),
        _ => Text($"r0 = *(u{i.SizeInBytes * 8} *)skb[{(i.Mode == AccessMode.Indirect ? Text($"r{i.Source} + ") : "")}{i.Immediate}]"),
    };

    private static string Signed(int value) => value < 0 ? Text($"- {-value}") : Text($"+ {value}");

    private static string Place(Instruction i) => Text($"*(u{i.SizeInBytes * 8} *)(r{i.Destination} {Signed(i.Offset)})");

    private static string Source(Instruction i) => Text($"{(i.SizeInBytes == 4 ? 'w' : 'r')}{i.Source}");

    private static string Arithmetic(Instruction i)
    {
        char r = i.Is64Bit ? 'r' : 'w';
        string destination = Text($"{r}{i.Destination}");
        string source = i.UsesSourceRegister ? Text($"{r}{i.Source}") : Text($"{i.Immediate}");
        switch (i.AluOperation)
        {
            case AluOperation.Neg: return $"{destination} = -{destination}";
            case AluOperation.End:
                string kind = i.Is64Bit ? "bswap" : i.UsesSourceRegister ? "be" : "le";
                return Text($"r{i.Destination} = {kind}{i.Immediate} r{i.Destination}");
            case AluOperation.Mov when i.Offset != 0: return Text($"{destination} = (s{i.Offset}){source}");
        }

        bool signed = i.AluOperation is AluOperation.Div or AluOperation.Mod && i.Offset != 0;
        return $"{destination} {(signed ? "s" : "")}{Operators[(int)i.AluOperation >> 4]} {source}";
    }

    private static string Atomic(Instruction i)
    {
        bool wide = i.Size == AccessSize.DoubleWord;
        string source = Source(i);
        string place = Text($"r{i.Destination} {Signed(i.Offset)}");
        string suffix = wide ? "64" : "32_32";
        string name = (AtomicOperation)(i.Immediate & ~Opcodes.AtomicFetch) switch
        {
            AtomicOperation.Add => "add",
            AtomicOperation.Or => "or",
            AtomicOperation.And => "and",
            _ => "xor",
        };
        return i.AtomicOperation switch
        {
            AtomicOperation.Exchange => $"{source} = xchg{(wide ? "_" : "")}{suffix}({place}, {source})",
            AtomicOperation.CompareExchange => $"{(wide ? "r0" : "w0")} = cmpxchg{(wide ? "_" : "")}{suffix}({place}, {(wide ? "r0" : "w0")}, {source})",
            _ when (i.Immediate & Opcodes.AtomicFetch) != 0 => $"{source} = atomic_fetch_{name}((u{i.SizeInBytes * 8} *)({place}), {source})",
            AtomicOperation.Add => $"lock {Place(i)} += {source}",
            AtomicOperation.Or => $"lock {Place(i)} |= {source}",
            AtomicOperation.And => $"lock {Place(i)} &= {source}",
            _ => $"lock {Place(i)} ^= {source}",
        };
    }

    private static string Wide(Instruction first, Instruction second) => (PseudoSource)first.Source switch
    {
        PseudoSource.Map => Text($"r{first.Destination} = map[{first.Immediate}] ll"),
        PseudoSource.MapValue => Text($"r{first.Destination} = map[{first.Immediate}][0]+{(uint)second.Immediate} ll"),
        PseudoSource.Function => Text($"r{first.Destination} = function pc{Distance(first.Immediate)} ll"),
        _ => Text($"r{first.Destination} = 0x{(uint)first.Immediate | ((ulong)(uint)second.Immediate << 32):x} ll"),
    };

    private static string Jump(Instruction i)
    {
        char r = i.Is64Bit ? 'r' : 'w';
        return i.JumpOperation switch
        {
            JumpOperation.Exit => "exit",
            JumpOperation.Always => i.Opcode == Opcodes.JumpLong ? $"gotol {Distance(i.Immediate)}" : $"goto {Distance(i.Offset)}",
            JumpOperation.Call when i.UsesSourceRegister => Text($"callx r{i.Destination}"),
            JumpOperation.Call => i.IsLocalCall ? $"call pc{Distance(i.Immediate)}" : Text($"call {i.Immediate}"),
            _ => Text($"if {r}{i.Destination} {Comparisons[(int)i.JumpOperation >> 4]} {(i.UsesSourceRegister ? Text($"{r}{i.Source}") : Text($"{i.Immediate}"))} goto {Distance(i.Offset)}"),
        };
    }
}
