// The entries of a unit's predecoded functions: each puts the address of its stream into the position register and goes to the
// handler of its first instruction.

using Anneal.Runtime;

namespace Anneal.Threaded;

/// <summary>Emits entries, many to a block of code space. Its owner serializes.</summary>
internal sealed unsafe class EntryThunks(EmittedTier tier, ValueList<CodeBlock> blocks)
{
    /// <summary>The room that an entry takes.</summary>
    public const int Bytes = 16;

    private const int ThunksPerBlock = 64;

    private CodeBlock block;
    private int used;

    /// <summary>The address at which a function with that stream is entered.</summary>
    /// <exception cref="CodeLimitException">The engine's limit is reached.</exception>
    /// <exception cref="OutOfMemoryException">The process's code space is full.</exception>
    public nint Add(nint stream)
    {
        if (used + Bytes > block.Size)
        {
            block = tier.Allocate(ThunksPerBlock * Bytes);
            blocks.Add(block);
            used = 0;
        }

        int start = used;
        used += Bytes;
        byte* code = block.Writable + start;
        *(ushort*)code = 0xBF49; // mov r15, imm64
        *(nint*)(code + 2) = stream;
        *(uint*)(code + 10) = 0xCC27_FF41; // jmp [r15]
        return (nint)block.Executable + start;
    }
}
