// Jumps, calls, the stack, and what orders or stops the processor.

namespace Anneal.Assembler;

internal sealed unsafe partial class X64Assembler
{
    // ---- Jumps and calls ----

    /// <summary>Two bytes backward within reach, else five.</summary>
    public void Jmp(Label target) // EB cb, E9 cd
    {
        byte* p = code.Cursor;
        int bound = code.OffsetOrMinus1(target);
        if (bound >= 0 && bound - (code.Position + 2) is >= sbyte.MinValue and int distance)
        {
            *p = 0xEB;
            p[1] = (byte)distance;
            code.Advance(p + 2);
            return;
        }
        *p = 0xE9;
        code.WriteDistance(p + 1, target, trailing: 0);
        code.Advance(p + 5);
    }

    /// <summary>Two bytes backward within reach, else six.</summary>
    public void Jcc(Condition condition, Label target) // 70+cc cb, 0F 80+cc cd
    {
        byte* p = code.Cursor;
        int bound = code.OffsetOrMinus1(target);
        if (bound >= 0 && bound - (code.Position + 2) is >= sbyte.MinValue and int distance)
        {
            *p = (byte)(0x70 | (uint)condition);
            p[1] = (byte)distance;
            code.Advance(p + 2);
            return;
        }
        *p = 0x0F;
        p[1] = (byte)(0x80 | (uint)condition);
        code.WriteDistance(p + 2, target, trailing: 0);
        code.Advance(p + 6);
    }

    /// <summary>Forward over less than 128 bytes, to where the result is bound.</summary>
    public ShortJump JmpShort() // EB cb
    {
        EmitFixed(0xEB, 2);
        return code.NewShortJump();
    }

    /// <summary>Forward over less than 128 bytes, to where the result is bound.</summary>
    public ShortJump JccShort(Condition condition) // 70+cc cb
    {
        EmitFixed(0x70 | (uint)condition, 2);
        return code.NewShortJump();
    }

    public void Call(Label target) // E8 cd
    {
        byte* p = code.Cursor;
        *p = 0xE8;
        code.WriteDistance(p + 1, target, trailing: 0);
        code.Advance(p + 5);
    }

    /// <summary>To the address in a register or in memory.</summary>
    public void Jmp(RegMem target) => EmitRm(Size.Dword, 0xFF, Digit | 4, target.Packed); // FF /4

    /// <summary>The function whose address is in a register or in memory.</summary>
    public void Call(RegMem target) => EmitRm(Size.Dword, 0xFF, Digit | 2, target.Packed); // FF /2

    /// <summary>To an absolute address within 2 GiB of where the code will be.</summary>
    public void JmpExternal(nint target) // E9 cd
    {
        EmitFixed(0xE9, 5);
        code.AddRelocation(code.Position - 4, target);
    }

    /// <summary>To an absolute address within 2 GiB of where the code will be.</summary>
    public void JccExternal(Condition condition, nint target) // 0F 80+cc cd
    {
        EmitFixed(0x800F | ((uint)condition << 8), 6);
        code.AddRelocation(code.Position - 4, target);
    }

    /// <summary>The function at an absolute address within 2 GiB of where the code will be.</summary>
    public void CallExternal(nint target) // E8 cd
    {
        EmitFixed(0xE8, 5);
        code.AddRelocation(code.Position - 4, target);
    }

    public void Ret() => EmitFixed(0xC3, 1); // C3

    /// <summary>Returns and pops that many bytes of arguments.</summary>
    public void Ret(ushort bytes) => EmitFixed(0xC2 | ((uint)bytes << 8), 3); // C2 iw

    // ---- Stack ----

    public void Push(Gpr src) => code.Advance(PlusRegister(Size.Dword, 0x50, src)); // 50+r
    public void Push(Mem src) => EmitRm(Size.Dword, 0xFF, Digit | 6, src.Packed);   // FF /6

    /// <summary>Pushes 64 bits, sign-extended.</summary>
    public void Push(int imm) // 6A ib, 68 id
    {
        byte* p = code.Cursor;
        bool isShort = imm == (sbyte)imm;
        *p = (byte)(isShort ? 0x6A : 0x68);
        FinishImmediate(p + 1, isShort ? Size.Byte : Size.Dword, imm);
    }

    public void Pop(Gpr dst) => code.Advance(PlusRegister(Size.Dword, 0x58, dst)); // 58+r
    public void Pop(Mem dst) => EmitRm(Size.Dword, 0x8F, Digit | 0, dst.Packed);   // 8F /0
    public void Pushfq() => EmitFixed(0x9C, 1);                                    // 9C
    public void Popfq() => EmitFixed(0x9D, 1);                                     // 9D
    public void Leave() => EmitFixed(0xC9, 1);                                     // C9

    // ---- Atomic read-modify-write, ordering ----

    public void LockAdd(Size size, Mem dst, Gpr src) => EmitLocked(size, 0x01, src, dst); // F0 01 /r
    public void LockOr(Size size, Mem dst, Gpr src) => EmitLocked(size, 0x09, src, dst);  // F0 09 /r
    public void LockAnd(Size size, Mem dst, Gpr src) => EmitLocked(size, 0x21, src, dst); // F0 21 /r
    public void LockSub(Size size, Mem dst, Gpr src) => EmitLocked(size, 0x29, src, dst); // F0 29 /r
    public void LockXor(Size size, Mem dst, Gpr src) => EmitLocked(size, 0x31, src, dst); // F0 31 /r

    public void LockAdd(Size size, Mem dst, int imm) // F0 81 /0, F0 83 /0
    {
        CheckImmediate(size, imm);
        EmitFixed(0xF0, 1);
        EmitArith(size, 0, dst.Packed, imm);
    }

    /// <summary>dst += src, src = what dst was.</summary>
    public void LockXadd(Size size, Mem dst, Gpr src) // F0 0F C0 /r, F0 0F C1 /r
    {
        EmitFixed(0xF0, 1);
        EmitEscaped(size, size == Size.Byte ? M0F | 0xC0 : M0F | 0xC1, (uint)src, dst.Packed);
    }

    /// <summary>If dst equals rax: dst = src, ZF set. Else rax = dst.</summary>
    public void LockCmpxchg(Size size, Mem dst, Gpr src) // F0 0F B0 /r, F0 0F B1 /r
    {
        EmitFixed(0xF0, 1);
        EmitEscaped(size, size == Size.Byte ? M0F | 0xB0 : M0F | 0xB1, (uint)src, dst.Packed);
    }

    /// <summary>If the aligned 16 bytes equal rdx:rax: they become rcx:rbx, ZF set. Else rdx:rax = them.</summary>
    public void LockCmpxchg16b(Mem dst) // F0 REX.W 0F C7 /1
    {
        EmitFixed(0xF0, 1);
        EmitEscaped(Size.Qword, M0F | 0xC7, Digit | 1, dst.Packed);
    }

    public void Mfence() => EmitFixed(0xF0AE0F, 3); // 0F AE F0
    public void Lfence() => EmitFixed(0xE8AE0F, 3); // 0F AE E8
    public void Sfence() => EmitFixed(0xF8AE0F, 3); // 0F AE F8
    public void Pause() => EmitFixed(0x90F3, 2);    // F3 90

    // ---- String operations: rcx units between [rsi] and [rdi], or al or rax to [rdi] ----

    public void RepMovsb() => EmitFixed(0xA4F3, 2);   // F3 A4
    public void RepMovsq() => EmitFixed(0xA548F3, 3); // F3 REX.W A5
    public void RepStosb() => EmitFixed(0xAAF3, 2);   // F3 AA
    public void RepStosq() => EmitFixed(0xAB48F3, 3); // F3 REX.W AB
    public void Cld() => EmitFixed(0xFC, 1);          // FC
    public void Std() => EmitFixed(0xFD, 1);          // FD

    // ---- System ----

    public void Ud2() => EmitFixed(0x0B0F, 2);       // 0F 0B
    public void Int3() => EmitFixed(0xCC, 1);        // CC
    public void Syscall() => EmitFixed(0x050F, 2);   // 0F 05
    public void Cpuid() => EmitFixed(0xA20F, 2);     // 0F A2
    public void Rdtsc() => EmitFixed(0x310F, 2);     // 0F 31
    public void Endbr64() => EmitFixed(0xFA1E0FF3, 4); // F3 0F 1E FA
    public void Ldmxcsr(Mem src) => EmitEscaped(Size.Dword, M0F | 0xAE, Digit | 2, src.Packed); // 0F AE /2
    public void Stmxcsr(Mem dst) => EmitEscaped(Size.Dword, M0F | 0xAE, Digit | 3, dst.Packed); // 0F AE /3

    /// <summary>That many bytes of no-ops, as few instructions as possible.</summary>
    public void Nop(int bytes = 1) // 90, 66 90, 0F 1F /0 …
    {
        X64Nops.Fill(code.Reserve(bytes));
    }

    private void EmitLocked(Size size, uint opcode, Gpr src, Mem dst)
    {
        EmitFixed(0xF0, 1);
        EmitRm(size, opcode, (uint)src, dst.Packed);
    }
}
