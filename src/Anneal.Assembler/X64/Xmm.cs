namespace Anneal.Assembler;

#pragma warning disable CA1712 // the registers are called that

/// <summary>A vector register; with <see cref="VectorLength.V256"/> the same number names the ymm register.</summary>
internal enum Xmm : byte
{
    Xmm0, Xmm1, Xmm2, Xmm3, Xmm4, Xmm5, Xmm6, Xmm7, Xmm8, Xmm9, Xmm10, Xmm11, Xmm12, Xmm13, Xmm14, Xmm15,
}
