namespace Anneal.Wasm.Suspension;

/// <summary>A global of a suspended guest.</summary>
/// <param name="Type">Its type where it came from.</param>
/// <param name="Bits">Its value, if that's a number.</param>
/// <param name="Reference">Its value, if that's a reference.</param>
/// <param name="IsOwned">Whether it's one of an instance of the image; else the host made it.</param>
internal readonly record struct GlobalImage(GlobalType Type, ulong Bits, ReferenceImage Reference, bool IsOwned);
