namespace Anneal.Wasm;

/// <summary>
/// A host function in its raw form, for signatures known only at run time.
/// </summary>
/// <param name="caller">Who calls. Valid during the call.</param>
/// <param name="slots">
/// On entry the arguments, on return the results, each from the first slot on; as long as the larger of the two needs. An i32
/// or f32 is in the lower 32 bits with the upper ones zero; write results the same way (a <c>uint</c>, or
/// <see cref="BitConverter.SingleToUInt32Bits"/>). References are opaque: read and write them with
/// <see cref="Caller.ReadReference"/> and <see cref="Caller.WriteReference"/>.
/// </param>
public delegate void HostCallback(Caller caller, Span<ulong> slots);
