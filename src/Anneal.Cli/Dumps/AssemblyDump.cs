// Machine code as text: the code that the baseline tier puts into the code space, read back through Iced. Calls are shown by
// the name of what they lead to; a line that can trap, or that a call returns to, says so with its place in the bytecode and in
// the module.
//
// Literals and jump tables stand behind the code. Where they begin isn't recorded; it is the lowest address that an
// instruction before it refers to.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Templates;
using Anneal.Wasm;
using Anneal.Wasm.Runtime;
using Iced.Intel;

namespace Anneal.Cli.Dumps;

/// <summary>Compiles functions of one module and prints their machine code.</summary>
internal sealed unsafe class AssemblyDump
{
    private readonly ModuleCode code;
    private readonly UnitCode unit;
    private readonly NasmFormatter formatter;

    private AssemblyDump(Module module, FunctionNames names, EmittedTier tier)
    {
        code = module.CodeFor(tier.HardwareTraps ? AddressingMode.Guarded : AddressingMode.Checked);
        unit = tier.CodeOf(code);
        var symbols = new CodeSymbols(tier.Machine.Stubs);
        for (int i = module.Definition.ImportedFunctionCount; i < module.Definition.Functions.Length; i++)
            symbols.Add(unit.EntryOf(i), names[i]);
        formatter = new NasmFormatter(symbols);
        formatter.Options.HexPrefix = "0x";
        formatter.Options.HexSuffix = null;
        formatter.Options.UppercaseHex = false;
        formatter.Options.FirstOperandCharIndex = 8;
        formatter.Options.SpaceAfterOperandSeparator = true;
    }

    /// <summary>Prepares a module's code.</summary>
    /// <exception cref="CommandFailedException">This machine has no emitted code.</exception>
    public static AssemblyDump Create(Module module, FunctionNames names, string file)
    {
        EmittedTier tier = module.Engine.Emitted
            ?? throw new CommandFailedException($"{file}: no machine code can be made here: {module.Engine.TierRefusal}");
        return new AssemblyDump(module, names, tier);
    }

    /// <summary>Compiles one of the module's own functions and prints it.</summary>
    public void Print(int function, TextWriter text)
    {
        CompiledFunction compiled = unit.CompileFunction(code, function);
        SourceMap sources = code.BodyOf(function).Sources;
        var bytes = new ReadOnlySpan<byte>((void*)compiled.Start, compiled.Length).ToArray();
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes), (ulong)compiled.Start);
        ulong start = (ulong)compiled.Start;
        ulong end = start + (ulong)compiled.Length;
        ulong literals = end;
        var line = new StringOutput();
        text.WriteLine($"; {compiled.Length} bytes");
        while (decoder.IP < literals)
        {
            decoder.Decode(out Instruction instruction);
            if (instruction.IsIPRelativeMemoryOperand && instruction.IPRelativeMemoryAddress is var address && address > decoder.IP && address < literals)
                literals = address;
            formatter.Format(instruction, line);
            string note = Note(compiled, sources, instruction);
            text.WriteLine(note.Length == 0 ? $"{instruction.IP - start,6:x}  {line.ToStringAndReset()}" : $"{instruction.IP - start,6:x}  {line.ToStringAndReset(),-48} ; {note}");
        }

        for (ulong at = literals; at < end; at += 8)
        {
            int offset = (int)(at - start);
            ReadOnlySpan<byte> rest = bytes.AsSpan(offset, Math.Min(8, bytes.Length - offset));
            text.WriteLine(rest.Length == 8 ? $"{offset,6:x}  dq      0x{BitConverter.ToUInt64(rest):x16}" : $"{offset,6:x}  db      {Convert.ToHexStringLower(rest)}");
        }
    }

    private static string Note(CompiledFunction compiled, SourceMap sources, in Instruction instruction)
    {
        string note = "";
        if (compiled.TryFindSite((nint)instruction.IP, out ushort kind, out int pc) && kind != (ushort)SiteKind.Call) note = $"may trap ({Kind(kind)}), {Place(sources, pc)}";
        else if (instruction.FlowControl is FlowControl.Call or FlowControl.IndirectCall && compiled.TryFindSite((nint)instruction.NextIP, out _, out pc)) note = Place(sources, pc);
        return note;
    }

    private static string Place(SourceMap sources, int pc) => $"pc {pc}, guest 0x{sources.GuestOffset(pc):x}";

    private static string Kind(ushort site) => site >= (ushort)SiteKind.Divide32 ? "division" : ((TrapKind)site).ToString();
}
