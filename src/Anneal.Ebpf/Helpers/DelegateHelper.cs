using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>A helper whose code is a host's delegate.</summary>
internal sealed unsafe class DelegateHelper(HelperPrototype prototype, HostHelperCode code) : Helper(prototype)
{
    public override ulong Invoke(RunContext run, EbpfMap? map, ulong* arguments) => code(new HelperCall(Prototype, map, arguments));
}
