// Fused multiply-add, FMA3. The digits say which operands multiply: 132 is dst = dst * b + a, 213 is dst = a * dst + b,
// 231 is dst = a * b + dst.

using static Anneal.Assembler.VectorLength;

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    // ---- fmadd ----

    public void Vfmadd132ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0x99, dst, a, b); // VEX.LIG.66.0F38.W0 99 /r
    public void Vfmadd132sd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | W1 | 0x99, dst, a, b); // VEX.LIG.66.0F38.W1 99 /r
    public void Vfmadd132ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 98 /r
        Avx3(length, P66 | M38 | 0x98, dst, a, b);
    public void Vfmadd132pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 98 /r
        Avx3(length, P66 | M38 | W1 | 0x98, dst, a, b);
    public void Vfmadd213ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0xA9, dst, a, b); // VEX.LIG.66.0F38.W0 A9 /r
    public void Vfmadd213sd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | W1 | 0xA9, dst, a, b); // VEX.LIG.66.0F38.W1 A9 /r
    public void Vfmadd213ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 A8 /r
        Avx3(length, P66 | M38 | 0xA8, dst, a, b);
    public void Vfmadd213pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 A8 /r
        Avx3(length, P66 | M38 | W1 | 0xA8, dst, a, b);
    public void Vfmadd231ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0xB9, dst, a, b); // VEX.LIG.66.0F38.W0 B9 /r
    public void Vfmadd231sd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | W1 | 0xB9, dst, a, b); // VEX.LIG.66.0F38.W1 B9 /r
    public void Vfmadd231ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 B8 /r
        Avx3(length, P66 | M38 | 0xB8, dst, a, b);
    public void Vfmadd231pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 B8 /r
        Avx3(length, P66 | M38 | W1 | 0xB8, dst, a, b);

    // ---- fmsub ----

    public void Vfmsub132ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0x9B, dst, a, b); // VEX.LIG.66.0F38.W0 9B /r
    public void Vfmsub132sd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | W1 | 0x9B, dst, a, b); // VEX.LIG.66.0F38.W1 9B /r
    public void Vfmsub132ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 9A /r
        Avx3(length, P66 | M38 | 0x9A, dst, a, b);
    public void Vfmsub132pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 9A /r
        Avx3(length, P66 | M38 | W1 | 0x9A, dst, a, b);
    public void Vfmsub213ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0xAB, dst, a, b); // VEX.LIG.66.0F38.W0 AB /r
    public void Vfmsub213sd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | W1 | 0xAB, dst, a, b); // VEX.LIG.66.0F38.W1 AB /r
    public void Vfmsub213ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 AA /r
        Avx3(length, P66 | M38 | 0xAA, dst, a, b);
    public void Vfmsub213pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 AA /r
        Avx3(length, P66 | M38 | W1 | 0xAA, dst, a, b);
    public void Vfmsub231ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0xBB, dst, a, b); // VEX.LIG.66.0F38.W0 BB /r
    public void Vfmsub231sd(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | W1 | 0xBB, dst, a, b); // VEX.LIG.66.0F38.W1 BB /r
    public void Vfmsub231ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 BA /r
        Avx3(length, P66 | M38 | 0xBA, dst, a, b);
    public void Vfmsub231pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 BA /r
        Avx3(length, P66 | M38 | W1 | 0xBA, dst, a, b);

    // ---- fnmadd ----

    public void Vfnmadd132ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0x9D, dst, a, b); // VEX.LIG.66.0F38.W0 9D /r
    public void Vfnmadd132sd(Xmm dst, Xmm a, XmmMem b) => // VEX.LIG.66.0F38.W1 9D /r
        Avx3(V128, P66 | M38 | W1 | 0x9D, dst, a, b);
    public void Vfnmadd132ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 9C /r
        Avx3(length, P66 | M38 | 0x9C, dst, a, b);
    public void Vfnmadd132pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 9C /r
        Avx3(length, P66 | M38 | W1 | 0x9C, dst, a, b);
    public void Vfnmadd213ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0xAD, dst, a, b); // VEX.LIG.66.0F38.W0 AD /r
    public void Vfnmadd213sd(Xmm dst, Xmm a, XmmMem b) => // VEX.LIG.66.0F38.W1 AD /r
        Avx3(V128, P66 | M38 | W1 | 0xAD, dst, a, b);
    public void Vfnmadd213ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 AC /r
        Avx3(length, P66 | M38 | 0xAC, dst, a, b);
    public void Vfnmadd213pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 AC /r
        Avx3(length, P66 | M38 | W1 | 0xAC, dst, a, b);
    public void Vfnmadd231ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0xBD, dst, a, b); // VEX.LIG.66.0F38.W0 BD /r
    public void Vfnmadd231sd(Xmm dst, Xmm a, XmmMem b) => // VEX.LIG.66.0F38.W1 BD /r
        Avx3(V128, P66 | M38 | W1 | 0xBD, dst, a, b);
    public void Vfnmadd231ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 BC /r
        Avx3(length, P66 | M38 | 0xBC, dst, a, b);
    public void Vfnmadd231pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 BC /r
        Avx3(length, P66 | M38 | W1 | 0xBC, dst, a, b);

    // ---- fnmsub ----

    public void Vfnmsub132ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0x9F, dst, a, b); // VEX.LIG.66.0F38.W0 9F /r
    public void Vfnmsub132sd(Xmm dst, Xmm a, XmmMem b) => // VEX.LIG.66.0F38.W1 9F /r
        Avx3(V128, P66 | M38 | W1 | 0x9F, dst, a, b);
    public void Vfnmsub132ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 9E /r
        Avx3(length, P66 | M38 | 0x9E, dst, a, b);
    public void Vfnmsub132pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 9E /r
        Avx3(length, P66 | M38 | W1 | 0x9E, dst, a, b);
    public void Vfnmsub213ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0xAF, dst, a, b); // VEX.LIG.66.0F38.W0 AF /r
    public void Vfnmsub213sd(Xmm dst, Xmm a, XmmMem b) => // VEX.LIG.66.0F38.W1 AF /r
        Avx3(V128, P66 | M38 | W1 | 0xAF, dst, a, b);
    public void Vfnmsub213ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 AE /r
        Avx3(length, P66 | M38 | 0xAE, dst, a, b);
    public void Vfnmsub213pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 AE /r
        Avx3(length, P66 | M38 | W1 | 0xAE, dst, a, b);
    public void Vfnmsub231ss(Xmm dst, Xmm a, XmmMem b) => Avx3(V128, P66 | M38 | 0xBF, dst, a, b); // VEX.LIG.66.0F38.W0 BF /r
    public void Vfnmsub231sd(Xmm dst, Xmm a, XmmMem b) => // VEX.LIG.66.0F38.W1 BF /r
        Avx3(V128, P66 | M38 | W1 | 0xBF, dst, a, b);
    public void Vfnmsub231ps(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W0 BE /r
        Avx3(length, P66 | M38 | 0xBE, dst, a, b);
    public void Vfnmsub231pd(VectorLength length, Xmm dst, Xmm a, XmmMem b) => // VEX.66.0F38.W1 BE /r
        Avx3(length, P66 | M38 | W1 | 0xBE, dst, a, b);
}
