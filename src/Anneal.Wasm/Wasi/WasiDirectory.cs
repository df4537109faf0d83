// One host directory that a guest may use, as part of WasiOptions.

namespace Anneal.Wasm.Wasi;

/// <summary>A host directory that a guest finds opened when it starts (a <em>preopen</em>).</summary>
/// <remarks>
/// The guest reaches what is beneath the directory and nothing else: paths with <c>..</c>, absolute paths and symbolic links
/// that would lead out are refused, also while another process swaps them.
/// </remarks>
/// <param name="HostPath">The directory on the host; it must exist when the guest is started.</param>
/// <param name="GuestPath">The name under which the guest sees it, such as <c>/</c> or <c>/data</c>.</param>
/// <param name="ReadOnly">Whether everything that would change the file system is refused (errno <c>rofs</c>).</param>
public sealed record WasiDirectory(string HostPath, string GuestPath, bool ReadOnly = false);
