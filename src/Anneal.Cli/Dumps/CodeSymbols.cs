using Anneal.Runtime;
using Iced.Intel;

namespace Anneal.Cli.Dumps;

/// <summary>Names of addresses in emitted code: the engine's stubs, and the trampolines of functions.</summary>
internal sealed class CodeSymbols : ISymbolResolver
{
    private readonly Dictionary<ulong, string> names = [];

    public CodeSymbols(Stubs stubs)
    {
        Add(stubs.Enter, "enter");
        Add(stubs.Fault, "fault");
        Add(stubs.RaiseTrap, "raise_trap");
        Add(stubs.Compile, "compile");
        Add(stubs.HostCall, "host_call");
        Add(stubs.RareOp, "rare_op");
        Add(stubs.Poll, "poll");
        Add(stubs.OutOfFuel, "out_of_fuel");
        Add(stubs.SectionMiss, "section_miss");
        Add(stubs.Copy, "copy");
        Add(stubs.Fill, "fill");
    }

    /// <summary>Where the function that is being printed starts: instructions are decoded as if that were 0.</summary>
    public ulong Start { get; set; }

    public void Add(nint address, string name) => names[(ulong)address] = name;

    public bool TryGetSymbol(in Instruction instruction, int operand, int instructionOperand, ulong address, int addressSize, out SymbolResult symbol)
    {
        bool known = names.TryGetValue(Start + address, out string? name);
        symbol = known ? new SymbolResult(address, name!) : default;
        return known;
    }
}
