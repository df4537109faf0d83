// Raised by GuestMemory for a range outside the guest's memory; caught by WasiImport, never seen by a host.

namespace Anneal.Wasm.Wasi;

/// <summary>A guest gave a WASI function a range that isn't in its memory.</summary>
#pragma warning disable CA1032, CA1064 // It never leaves this assembly, and always says which range missed.
internal sealed class GuestMemoryFaultException(ulong address, ulong size, ulong length)
    : Exception($"Guest range of {size} bytes at 0x{address:x} is outside its memory of {length} bytes.");
