// Where one meaning has several encodings: which is taken, byte for byte; and what is refused.

using Iced.Intel;
using Xunit;
using static Anneal.Assembler.Gpr;

namespace Anneal.Assembler.Tests;

public sealed class EncodingChoiceTests
{
    public static TheoryData<string, string> Shortest => new()
    {
        { "mov rax, 0", "B800000000" },
        { "mov rax, -1", "48C7C0FFFFFFFF" },
        { "mov rax, 0xFFFFFFFF", "B8FFFFFFFF" },
        { "mov r9, 0x80000000", "41B900000080" },
        { "mov r9, int.MinValue", "49C7C100000080" },
        { "mov r9, 0x100000000", "49B90000000001000000" },
        { "movabs rcx, 1", "48B90100000000000000" },
        { "mov spl, 1", "40B401" },
        { "mov al, 1", "B001" },
        { "add eax, 127", "83C07F" },
        { "add eax, 128", "0580000000" },
        { "add ecx, 128", "81C180000000" },
        { "add al, 255", "04FF" },
        { "add ax, 0xFFFF", "6683C0FF" },
        { "add cx, 0x8000", "6681C10080" },
        { "test eax, 1", "A901000000" },
        { "test al, 1", "A801" },
        { "shl ecx, 1", "D1E1" },
        { "shl ecx, 2", "C1E102" },
        { "imul eax, ecx, -128", "6BC180" },
        { "imul eax, ecx, 128", "69C180000000" },
        { "push -128", "6A80" },
        { "push 128", "6880000000" },
        { "mov sil, dl", "408AF2" },
        { "mov cl, dl", "8ACA" },
        { "movzx eax, sil", "400FB6C6" },
        { "movzx esi, cl", "0FB6F1" },
        { "sete dil", "400F94C7" },
        { "mov eax, [rsp]", "8B0424" },
        { "mov eax, [r12]", "418B0424" },
        { "mov eax, [rbp]", "8B4500" },
        { "mov eax, [r13]", "418B4500" },
        { "mov eax, [r13 + rcx]", "418B440D00" },
        { "mov eax, [r12 + r12 * 8]", "438B04E4" },
        { "vaddss xmm0, xmm1, xmm8", "C4C17258C0" },
        { "vaddss xmm8, xmm9, xmm0", "C53258C0" },
    };

    [Theory]
    [MemberData(nameof(Shortest))]
    public void The_shortest_encoding_is_taken(string text, string bytes)
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Action emit = text switch
        {
            "mov rax, 0" => () => asm.Mov(Rax, 0L),
            "mov rax, -1" => () => asm.Mov(Rax, -1L),
            "mov rax, 0xFFFFFFFF" => () => asm.Mov(Rax, 0xFFFF_FFFFL),
            "mov r9, 0x80000000" => () => asm.Mov(R9, 0x8000_0000L),
            "mov r9, int.MinValue" => () => asm.Mov(R9, (long)int.MinValue),
            "mov r9, 0x100000000" => () => asm.Mov(R9, 0x1_0000_0000L),
            "movabs rcx, 1" => () => asm.MovAbs(Rcx, 1),
            "mov spl, 1" => () => asm.Mov(Size.Byte, Rsp, 1),
            "mov al, 1" => () => asm.Mov(Size.Byte, Rax, 1),
            "add eax, 127" => () => asm.Add(Size.Dword, Rax, 127),
            "add eax, 128" => () => asm.Add(Size.Dword, Rax, 128),
            "add ecx, 128" => () => asm.Add(Size.Dword, Rcx, 128),
            "add al, 255" => () => asm.Add(Size.Byte, Rax, 255),
            "add ax, 0xFFFF" => () => asm.Add(Size.Word, Rax, 0xFFFF),
            "add cx, 0x8000" => () => asm.Add(Size.Word, Rcx, 0x8000),
            "test eax, 1" => () => asm.Test(Size.Dword, Rax, 1),
            "test al, 1" => () => asm.Test(Size.Byte, Rax, 1),
            "shl ecx, 1" => () => asm.Shl(Size.Dword, Rcx, 1),
            "shl ecx, 2" => () => asm.Shl(Size.Dword, Rcx, 2),
            "imul eax, ecx, -128" => () => asm.Imul(Size.Dword, Rax, Rcx, -128),
            "imul eax, ecx, 128" => () => asm.Imul(Size.Dword, Rax, Rcx, 128),
            "push -128" => () => asm.Push(-128),
            "push 128" => () => asm.Push(128),
            "mov sil, dl" => () => asm.Mov(Size.Byte, Rsi, Rdx),
            "mov cl, dl" => () => asm.Mov(Size.Byte, Rcx, Rdx),
            "movzx eax, sil" => () => asm.Movzx(Size.Byte, Rax, Rsi),
            "movzx esi, cl" => () => asm.Movzx(Size.Byte, Rsi, Rcx),
            "sete dil" => () => asm.Setcc(Condition.E, Rdi),
            "mov eax, [rsp]" => () => asm.Mov(Size.Dword, Rax, Mem.At(Rsp)),
            "mov eax, [r12]" => () => asm.Mov(Size.Dword, Rax, Mem.At(R12)),
            "mov eax, [rbp]" => () => asm.Mov(Size.Dword, Rax, Mem.At(Rbp)),
            "mov eax, [r13]" => () => asm.Mov(Size.Dword, Rax, Mem.At(R13)),
            "mov eax, [r13 + rcx]" => () => asm.Mov(Size.Dword, Rax, Mem.At(R13, Rcx)),
            "mov eax, [r12 + r12 * 8]" => () => asm.Mov(Size.Dword, Rax, Mem.At(R12, R12, 8)),
            "vaddss xmm0, xmm1, xmm8" => () => asm.Vaddss(Xmm.Xmm0, Xmm.Xmm1, Xmm.Xmm8),
            "vaddss xmm8, xmm9, xmm0" => () => asm.Vaddss(Xmm.Xmm8, Xmm.Xmm9, Xmm.Xmm0),
            _ => throw new ArgumentException(text),
        };
        emit();
        Assert.Equal(bytes, Convert.ToHexString(code.Bytes));
    }

    [Fact]
    public void A_64_bit_constant_is_moved_whole()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            long value = i % 3 == 0
                ? (long)int.MinValue << random.Next(3)
                : random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            value += random.Next(-2, 3);
            var register = (Gpr)random.Next(16);
            Instruction instruction = Only(asm => asm.Mov(register, value), out int length);
            Assert.Equal(Mnemonic.Mov, instruction.Mnemonic);
            bool isDword = instruction.Op0Register.GetSize() == 4;
            ulong immediate = instruction.GetImmediate(1);
            Assert.Equal((ulong)value, isDword ? (uint)immediate : immediate);
            Assert.Equal(Draw.GprName(register, Size.Qword), Disassembly.NameOf(instruction.Op0Register.GetFullRegister()));
            int extended = register >= R8 ? 1 : 0;
            Assert.Equal(value == (uint)value ? 5 + extended : value == (int)value ? 7 : 10, length);
        }
    }

    [Fact]
    public void A_sized_constant_of_64_bits_is_sign_extended()
    {
        foreach (int value in (int[])[0, 1, -1, int.MaxValue, int.MinValue])
        {
            Instruction instruction = Only(asm => asm.Mov(Size.Qword, R10, value), out _);
            ulong immediate = instruction.GetImmediate(1);
            Assert.Equal(value, instruction.Op0Register.GetSize() == 4 ? (long)(uint)immediate : (long)immediate);
        }
    }

    [Fact]
    public void Extensions_read_their_source_size_and_write_their_target_size()
    {
        foreach (Gpr dst in Enum.GetValues<Gpr>())
        {
            foreach (Gpr src in Enum.GetValues<Gpr>())
            {
                foreach (Size from in (Size[])[Size.Byte, Size.Word])
                {
                    Expect($"movzx {Draw.GprName(dst, Size.Dword)}, {Draw.GprName(src, from)}", asm => asm.Movzx(from, dst, src));
                    Expect($"movzx {Draw.GprName(dst, Size.Dword)}, m{8 << (int)from}[{Draw.GprName(src, Size.Qword)}+5]",
                        asm => asm.Movzx(from, dst, Mem.At(src, 5)));
                }
                foreach (Size to in (Size[])[Size.Word, Size.Dword, Size.Qword])
                {
                    for (Size from = Size.Byte; from < to; from++)
                    {
                        Size narrow = from;
                        string mnemonic = from == Size.Dword ? "movsxd" : "movsx";
                        Expect($"{mnemonic} {Draw.GprName(dst, to)}, {Draw.GprName(src, from)}",
                            asm => asm.Movsx(to, narrow, dst, src));
                        Expect($"{mnemonic} {Draw.GprName(dst, to)}, m{8 << (int)from}[{Draw.GprName(src, Size.Qword)}+5]",
                            asm => asm.Movsx(to, narrow, dst, Mem.At(src, 5)));
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(100)]
    public void No_operations_fill_exactly_with_few_instructions(int bytes)
    {
        using var code = new CodeBuffer();
        new X64Assembler(code).Nop(bytes);
        Assert.Equal(bytes, code.Position);
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code.Bytes.ToArray()));
        int count = 0;
        for (; decoder.IP < (ulong)bytes; count++)
            Assert.Equal(Mnemonic.Nop, decoder.Decode().Mnemonic);
        Assert.Equal((bytes + 8) / 9, count);
    }

    [Fact]
    public void Operands_that_no_encoding_holds_are_refused()
    {
        Refused(asm => asm.Add(Size.Byte, Rax, 256));
        Refused(asm => asm.Add(Size.Byte, Rax, -129));
        Refused(asm => asm.Mov(Size.Word, Mem.At(Rax), 65536));
        Refused(asm => asm.Cmp(Size.Word, Rcx, -32769));
        Refused(asm => asm.Test(Size.Byte, Rcx, 256));
        Refused(asm => asm.Shl(Size.Dword, Rax, 32));
        Refused(asm => asm.Shl(Size.Qword, Rax, 64));
        Refused(asm => asm.Sar(Size.Qword, Rax, -1));
        Refused(asm => asm.Shld(Size.Byte, Rax, Rcx, 1));
        Refused(asm => asm.Rorx(Size.Dword, Rax, Rcx, 32));
        Refused(asm => asm.Bt(Size.Word, Rax, 16));
        Refused(asm => asm.Bt(Size.Byte, Rax, 1));
        Refused(asm => asm.Lea(Size.Byte, Rax, Mem.At(Rcx)));
        Refused(asm => asm.Cmovcc(Size.Byte, Condition.E, Rax, Rcx));
        Refused(asm => asm.Imul(Size.Byte, Rax, Rcx));
        Refused(asm => asm.Popcnt(Size.Byte, Rax, Rcx));
        Refused(asm => asm.Movzx(Size.Dword, Rax, Rcx));
        Refused(asm => asm.Movsx(Size.Dword, Size.Dword, Rax, Rcx));
        Refused(asm => asm.Bswap(Size.Word, Rax));
        Refused(asm => asm.Andn(Size.Word, Rax, Rcx, Rdx));
        Refused(asm => asm.Cvtsi2sd(Size.Word, Xmm.Xmm0, Rax));
        Refused(asm => asm.Mov(Size.Dword, Rax, Mem.At(Rax, Rsp)));
        Refused(asm => asm.Mov(Size.Dword, Rax, Mem.At(Rax, Rcx, 3)));
        Refused(asm => asm.Mov(Size.Dword, Rax, Mem.At(Rax, Rcx, 16)));
        Refused(asm => asm.Nop(-1));
        Refused(asm => asm.Jmp(default(Label)));
        Refused(asm => asm.Mov(Size.Dword, Rax, Mem.Rip(new Label(9))));
    }

    [Fact]
    public void A_refused_instruction_leaves_no_bytes()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Assert.Throws<ArgumentOutOfRangeException>(() => asm.Add(Size.Byte, Mem.At(Rax), 1000));
        Assert.Throws<ArgumentException>(() => asm.Mov(Size.Dword, Rax, Mem.Rip(default)));
        Assert.Equal(0, code.Position);
    }

    [Fact]
    public void Conditions_negate_and_exchange()
    {
        foreach (Condition condition in Enum.GetValues<Condition>())
        {
            Assert.Equal(condition, condition.Negate().Negate());
            Assert.NotEqual(condition, condition.Negate());
        }
        Assert.Equal(Condition.AE, Condition.B.Negate());
        Assert.Equal(Condition.G, Condition.LE.Negate());
        Assert.Equal(Condition.G, Condition.L.Exchange());
        Assert.Equal(Condition.BE, Condition.AE.Exchange());
        Assert.Throws<ArgumentOutOfRangeException>(() => Condition.P.Exchange());
    }

    [Fact]
    public void Memory_operands_know_their_registers()
    {
        Assert.True(Mem.At(Rax, Rcx, 2).Uses(Rax));
        Assert.True(Mem.At(Rax, Rcx, 2).Uses(Rcx));
        Assert.False(Mem.At(Rax, Rcx, 2).Uses(Rdx));
        Assert.False(Mem.At(Rdx, 8).Uses(Rax));
        Assert.True(Mem.At(R12, 8).Uses(R12));
        Assert.False(Mem.At(R12, 8).Uses(Rsp));
        Assert.True(Mem.At(Rsp, 8).Uses(Rsp));
        Assert.False(Mem.AtIndex(Rcx, 2).Uses(Rax));
        Assert.False(Mem.Rip(new Label(1)).Uses(Rax));
        Assert.Equal(Mem.At(Rdx, 12), Mem.At(Rdx, 8).Plus(4));
        Assert.Equal(Mem.At(Rdx, -4), Mem.At(Rdx, 4).Plus(-8));
        Assert.Throws<OverflowException>(() => Mem.At(Rdx, int.MaxValue).Plus(1));
    }

    [Fact]
    public void Detected_features_are_consistent()
    {
        X64Features features = X64Features.Detect();
        Assert.False(features.Avx2 && !features.Avx);
        Assert.False(features.IsBaselineV3 && !features.IsBaselineV2);
        Assert.Equal(System.Runtime.Intrinsics.X86.Sse42.IsSupported, features.Sse42);
        Assert.False(X64Features.None.IsBaselineV2);
    }

    private static void Refused(Action<X64Assembler> emit)
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Assert.ThrowsAny<ArgumentException>(() => emit(asm));
    }

    private static void Expect(string text, Action<X64Assembler> emit)
    {
        Instruction instruction = Only(emit, out int length);
        Assert.Equal(text, Disassembly.TextOf(in instruction, 0));
        Assert.Equal(length, instruction.Length);
    }

    private static Instruction Only(Action<X64Assembler> emit, out int length)
    {
        using var code = new CodeBuffer();
        emit(new X64Assembler(code));
        length = code.Position;
        Decoder.Create(64, new ByteArrayCodeReader(code.Bytes.ToArray())).Decode(out Instruction instruction);
        Assert.Equal(length, instruction.Length);
        return instruction;
    }
}
