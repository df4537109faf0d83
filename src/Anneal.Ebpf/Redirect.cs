namespace Anneal.Ebpf;

/// <summary>Where a program redirected its packet: what the last redirecting helper of the run said, if the verdict is to redirect.</summary>
/// <param name="Kind">What kind of target.</param>
/// <param name="Target">The target's number: an interface index, a processor, or what the host put into the map.</param>
/// <param name="Map">The map that the target is of; null where the program gave the number itself.</param>
/// <param name="Key">The key of the target in the map.</param>
/// <param name="Flags">The helper's flags.</param>
public readonly record struct Redirect(RedirectKind Kind, uint Target, EbpfMap? Map, uint Key, ulong Flags);
