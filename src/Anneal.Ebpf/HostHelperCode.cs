namespace Anneal.Ebpf;

/// <summary>The code of a helper that the host defines. May throw: the run ends with the exception then.</summary>
/// <param name="call">The arguments.</param>
/// <returns>What the program gets in r0.</returns>
public delegate ulong HostHelperCode(HelperCall call);
