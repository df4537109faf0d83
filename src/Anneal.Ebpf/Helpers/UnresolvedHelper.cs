// What stands where a sandboxed program has an instruction that can't be run there: a field that the target's types don't have, a
// function that isn't there. Coming to it ends the run.

using Anneal.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>The host function that an instruction without a value goes to.</summary>
internal sealed unsafe class UnresolvedHelper(string program, string missing) : HostFunction(0, HelperPrototype.MaxArguments + 1, 1)
{
    /// <summary>A prototype that stands for the instruction; its name says what is missing.</summary>
    public static HelperPrototype PrototypeFor(string missing) =>
        new() { Id = EbpfProgram.UnresolvedCall, Name = missing, Arguments = [], Returns = ReturnType.Scalar };

    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) => throw new EbpfFaultException(program, missing);
}
