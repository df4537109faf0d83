namespace Anneal.Templates;

/// <summary>The patchable jump in front of each function: 8 bytes, aligned, rewritten by one store; the instruction is always at offset 0.</summary>
internal static class Trampoline
{
    public const int Bytes = 8;

    /// <summary>Bytes of the instruction in it.</summary>
    public const int InstructionBytes = 5;

    /// <summary><c>call rel32</c>: the callee finds out which trampoline it came through. For functions not compiled yet.</summary>
    public static ulong Call(nint trampoline, nint target) => Encode(0xE8, trampoline, target);

    /// <summary><c>jmp rel32</c>: for compiled functions.</summary>
    public static ulong Jump(nint trampoline, nint target) => Encode(0xE9, trampoline, target);

    /// <summary><c>ret</c>: the function does nothing.</summary>
    public static ulong Return => 0xCCCC_CCCC_CCCC_CCC3;

    /// <summary>A five-byte <c>nop</c> with a <c>ret</c> behind it: a call hook that is off.</summary>
    public static ulong Nop => 0xCCCC_C300_0044_1F0F;

    private static ulong Encode(byte opcode, nint trampoline, nint target)
    {
        long distance = target - (trampoline + InstructionBytes);
        if (distance != (int)distance) throw new InvalidOperationException("trampoline target out of reach");
        return opcode | ((ulong)(uint)(int)distance << 8) | 0xCCCC_CC00_0000_0000;
    }
}
