// A loaded program as the engine sees it: a code unit whose imported functions are helpers and whose own functions are the
// program's subprograms. Lowering happens at a function's first call. The constants in the bytecode (addresses of maps) make
// it this loaded program's own.

using Anneal.Bytecode;
using Anneal.Ebpf.Verification;
using Anneal.Runtime;

namespace Anneal.Ebpf.Lowering;

/// <summary>The code unit of a loaded program.</summary>
internal sealed class ProgramCode : CodeUnit
{
    public ProgramCode(EbpfProgram program, CallBindings calls, VerifiedFacts? facts, IMapAddresses maps, bool chargesFuel)
        : base(new InstanceLayout(new InstanceCounts(calls.Count, calls.Count + program.Subprograms.Length, 0, 0, 0, 0, 0, 0, 0)))
    {
        Program = program;
        Calls = calls;
        Facts = facts;
        Maps = maps;
        ChargesFuel = chargesFuel || facts is null;
    }

    /// <summary>The program.</summary>
    public EbpfProgram Program { get; }

    /// <summary>Its helper calls.</summary>
    public CallBindings Calls { get; }

    /// <summary>What the verifier found; null for a sandboxed program.</summary>
    public VerifiedFacts? Facts { get; }

    /// <summary>The maps' addresses as the program sees them.</summary>
    public IMapAddresses Maps { get; }

    /// <summary>Whether each basic block is charged to the execution's fuel.</summary>
    public bool ChargesFuel { get; }

    /// <summary>The function number of a subprogram.</summary>
    public int FunctionOf(int subprogram) => Calls.Count + subprogram;

    public override string? Name => Program.Name;

    public override string? FunctionName(int function) => function < Calls.Count ? null : Program.Subprograms[function - Calls.Count].Name;

    protected override FunctionBody Lower(int function) => new FunctionLowering(this, function - Calls.Count).Run();
}
