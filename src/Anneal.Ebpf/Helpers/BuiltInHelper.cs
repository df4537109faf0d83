using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>A helper whose code is a static method.</summary>
internal sealed unsafe class BuiltInHelper(HelperPrototype prototype, delegate*<RunContext, EbpfMap?, ulong*, ulong> code)
    : Helper(prototype)
{
    private readonly delegate*<RunContext, EbpfMap?, ulong*, ulong> code = code;

    public override ulong Invoke(RunContext run, EbpfMap? map, ulong* arguments) => code(run, map, arguments);
}
