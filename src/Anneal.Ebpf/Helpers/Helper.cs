// The code of a helper. It gets host addresses: the verifier has proven them, or the sandbox has translated and checked them
// by the prototype (BoundHelper). One instance serves all programs and threads: no state of a run in here.

using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>A helper that programs can call.</summary>
internal abstract unsafe class Helper(HelperPrototype prototype)
{
    /// <summary>What programs must know of it.</summary>
    public HelperPrototype Prototype { get; } = prototype;

    /// <summary>Does the work.</summary>
    /// <param name="run">The run that calls.</param>
    /// <param name="map">The map argument, if the prototype has one.</param>
    /// <param name="arguments">r1 to r5: numbers, and host addresses where the prototype says memory.</param>
    /// <returns>r0; host addresses where the prototype says memory.</returns>
    public abstract ulong Invoke(RunContext run, EbpfMap? map, ulong* arguments);
}
