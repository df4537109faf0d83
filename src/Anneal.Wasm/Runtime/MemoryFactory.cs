using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Wasm.Runtime;

/// <summary>Makes the address space of a memory type.</summary>
internal static class MemoryFactory
{
    /// <exception cref="OutOfMemoryException">The system refuses the address space or the memory.</exception>
    public static LinearMemory Create(MemoryType type, MemoryChecks checks)
    {
        ulong maximum = Math.Min(type.Limits.Maximum ?? MemoryType.MaxPages, MemoryType.MaxPages);
        return new LinearMemory(
            type.Limits.Minimum * MemoryType.PageSize,
            maximum * MemoryType.PageSize,
            checks == MemoryChecks.Explicit ? AddressingMode.Checked : AddressingMode.Guarded);
    }
}
