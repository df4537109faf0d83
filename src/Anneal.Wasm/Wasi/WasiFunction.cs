// How the engine calls a WASI function, whatever tier the guest runs in.

namespace Anneal.Wasm.Wasi;

/// <summary>A WASI function.</summary>
/// <param name="wasi">The guest's state.</param>
/// <param name="memory">The guest's memory.</param>
/// <param name="arguments">The arguments, one to a 64-bit slot; 32-bit ones zero-extended.</param>
/// <param name="cancellation">Ends a call that blocks.</param>
/// <returns>An errno; 0 is success. A function without a result never returns.</returns>
/// <exception cref="WasmExit">The guest ended itself.</exception>
/// <exception cref="OperationCanceledException">The call was blocking when the token was cancelled.</exception>
internal delegate int WasiFunction(
    WasiPreview1 wasi, in GuestMemory memory, ReadOnlySpan<ulong> arguments, CancellationToken cancellation);
