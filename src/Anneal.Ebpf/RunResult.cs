namespace Anneal.Ebpf;

/// <summary>What came of a run.</summary>
/// <param name="Value">What the program returned: its verdict.</param>
/// <param name="Length">The packet's length as the program left it, which may be more than there was room for.</param>
/// <param name="Redirect">Where the program redirected the packet; of kind <see cref="RedirectKind.None"/> unless the verdict is to redirect.</param>
public readonly record struct RunResult(ulong Value, int Length, Redirect Redirect);
