// Prints instructions in the plain syntax (PlainAssembler): what is printed assembles to the same instructions again.

using static Anneal.Ebpf.Assembly.InstructionWriter;

namespace Anneal.Ebpf.Assembly;

/// <summary>Disassembles to the plain syntax.</summary>
public static class PlainDisassembler
{
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
        InstructionClass.Ldx => Text($"ldx{(i.Mode == AccessMode.Memory ? "" : "s")}{SizeOf(i)} %r{i.Destination}, {Place(i.Source, i.Offset)}"),
        InstructionClass.St => Text($"st{SizeOf(i)} {Place(i.Destination, i.Offset)}, {i.Immediate}"),
        InstructionClass.Stx => i.Mode == AccessMode.Atomic ? Atomic(i) : Text($"stx{SizeOf(i)} {Place(i.Destination, i.Offset)}, %r{i.Source}"),
        _ when i.IsWideImmediate => Wide(i, second),
        _ when i.Mode == AccessMode.Absolute => Text($"ldabs{SizeOf(i)} {i.Immediate}"),
        _ => Text($"ldind{SizeOf(i)} %r{i.Source}, {i.Immediate}"),
    };

    private static string SizeOf(Instruction i) => i.SizeInBytes switch
    {
        1 => "b",
        2 => "h",
        4 => "w",
        _ => "dw",
    };

    private static string Place(int register, int offset) => offset == 0 ? Text($"[%r{register}]") : Text($"[%r{register}{Distance(offset)}]");

    private static string Arithmetic(Instruction i)
    {
        string width = i.Is64Bit ? "" : "32";
        switch (i.AluOperation)
        {
            case AluOperation.Neg: return Text($"neg{width} %r{i.Destination}");
            case AluOperation.End: return Text($"{(i.Is64Bit ? "swap" : i.UsesSourceRegister ? "be" : "le")}{i.Immediate} %r{i.Destination}");
            case AluOperation.Mov when i.Offset != 0: return Text($"movsx{i.Offset}{(i.Is64Bit ? 64 : 32)} %r{i.Destination}, %r{i.Source}");
        }

        string source = i.UsesSourceRegister ? Text($"%r{i.Source}") : Text($"{i.Immediate}");
        return Text($"{(i.Offset != 0 ? "s" : "")}{PlainNames.Arithmetic[(int)i.AluOperation >> 4]}{width} %r{i.Destination}, {source}");
    }

    private static string Atomic(Instruction i)
    {
        string name = i.AtomicOperation switch
        {
            AtomicOperation.Exchange => "xchg",
            AtomicOperation.CompareExchange => "cmpxchg",
            _ => ((i.Immediate & Opcodes.AtomicFetch) != 0 ? "fetch " : "") + (AtomicOperation)(i.Immediate & ~Opcodes.AtomicFetch) switch
            {
                AtomicOperation.Add => "add",
                AtomicOperation.Or => "or",
                AtomicOperation.And => "and",
                _ => "xor",
            },
        };
        return Text($"lock {name}{(i.Size == AccessSize.Word ? "32" : "")} {Place(i.Destination, i.Offset)}, %r{i.Source}");
    }

    private static string Wide(Instruction first, Instruction second) => (PseudoSource)first.Source switch
    {
        PseudoSource.Map => Text($"lddw %r{first.Destination}, map {first.Immediate}"),
        PseudoSource.MapValue => Text($"lddw %r{first.Destination}, value {first.Immediate}+{(uint)second.Immediate}"),
        PseudoSource.Function => Text($"lddw %r{first.Destination}, function {Distance(first.Immediate)}"),
        _ => Text($"lddw %r{first.Destination}, 0x{(uint)first.Immediate | ((ulong)(uint)second.Immediate << 32):x}"),
    };

    private static string Jump(Instruction i)
    {
        string width = i.Is64Bit ? "" : "32";
        switch (i.JumpOperation)
        {
            case JumpOperation.Exit: return "exit";
            case JumpOperation.Always: return Text($"ja{width} {Distance(i.JumpDistance)}");
            case JumpOperation.Call when i.UsesSourceRegister: return Text($"call %r{i.Destination}");
            case JumpOperation.Call: return i.IsLocalCall ? Text($"call local {Distance(i.Immediate)}") : Text($"call {i.Immediate}");
        }

        string source = i.UsesSourceRegister ? Text($"%r{i.Source}") : Text($"{i.Immediate}");
        return Text($"{PlainNames.Jumps[(int)i.JumpOperation >> 4]}{width} %r{i.Destination}, {source}, {Distance(i.Offset)}");
    }
}
