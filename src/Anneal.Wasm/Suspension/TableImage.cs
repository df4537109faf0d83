namespace Anneal.Wasm.Suspension;

/// <summary>A table of a suspended guest.</summary>
/// <param name="Elements">All elements.</param>
internal readonly record struct TableImage(ReferenceImage[] Elements);
