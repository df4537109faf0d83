// Labels, literals, relocations, alignment, growth.

using System.Buffers.Binary;
using Iced.Intel;
using Xunit;
using static Anneal.Assembler.Gpr;

namespace Anneal.Assembler.Tests;

public sealed unsafe class CodeBufferTests
{
    private const long Origin = 0x10_0000_0000;

    [Theory]
    [InlineData(126, 2)] // the jump back over 126 bytes and itself is exactly -128
    [InlineData(127, 5)]
    public void A_backward_jump_is_short_within_reach(int between, int length)
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Label top = code.NewLabel();
        code.Bind(top);
        asm.Nop(between);
        int start = code.Position;
        asm.Jmp(top);
        Assert.Equal(length, code.Position - start);
        Assert.Equal(0, TargetAt(Placed(code), start));
    }

    [Theory]
    [InlineData(126, 2)]
    [InlineData(127, 6)]
    public void A_backward_branch_is_short_within_reach(int between, int length)
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Label top = code.NewLabel();
        code.Bind(top);
        asm.Nop(between);
        int start = code.Position;
        asm.Jcc(Condition.NE, top);
        Assert.Equal(length, code.Position - start);
        Assert.Equal(0, TargetAt(Placed(code), start));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    public void A_short_jump_skips_up_to_127_bytes(int between)
    {
        for (int form = -1; form < 16; form++)
        {
            using var code = new CodeBuffer();
            var asm = new X64Assembler(code);
            asm.Nop(3);
            ShortJump jump = form < 0 ? asm.JmpShort() : asm.JccShort((Condition)form);
            Assert.Equal(5, code.Position);
            asm.Nop(between);
            code.Bind(jump);
            Assert.Equal(5 + between, TargetAt(Placed(code), 3));
            Assert.Equal(form < 0 ? 0xEB : 0x70 + form, code.Bytes[3]);
        }
    }

    [Fact]
    public void A_short_jump_further_is_refused()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        ShortJump jump = asm.JmpShort();
        asm.Nop(128);
        Assert.Throws<InvalidOperationException>(() => code.Bind(jump));
        Assert.Throws<InvalidOperationException>(() => code.Bind(default(ShortJump)));
        Assert.Throws<InvalidOperationException>(() => Placed(code));
        Assert.Throws<InvalidOperationException>(() => code.Bind(new ShortJump(1 << 20)));
    }

    [Fact]
    public void A_label_bound_late_reaches_all_its_uses_of_every_kind()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Label target = code.NewLabel();
        var uses = new List<int>();
        var random = new Random(7);
        for (int i = 0; i < 3000; i++) // enough to grow the buffer while the chain is open
        {
            uses.Add(code.Position);
            switch (i % 7)
            {
                case 0: asm.Jmp(target); break;
                case 1: asm.Jcc((Condition)(i % 16), target); break;
                case 2: asm.Call(target); break;
                case 3: asm.Lea(Size.Qword, Rax, Mem.Rip(target)); break;
                case 4: asm.Add(Size.Dword, Mem.Rip(target), 5); break;
                case 5: asm.Mov(Size.Word, Mem.Rip(target), 5000); break;
                default: asm.Mov(Size.Qword, Mem.Rip(target), 70000); break;
            }
            asm.Nop(random.Next(20));
        }
        Assert.False(code.IsBound(target));
        code.Bind(target);
        Assert.True(code.IsBound(target));
        int bound = code.OffsetOf(target);
        Assert.Equal(code.Position, bound);
        asm.Ret();
        byte[] bytes = Placed(code);
        foreach (int use in uses)
            Assert.Equal(bound, TargetAt(bytes, use));
    }

    [Fact]
    public void Labels_with_interleaved_uses_dont_mix()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Label[] labels = [.. Enumerable.Range(0, 200).Select(_ => code.NewLabel())];
        var uses = new List<(int Use, Label Label)>();
        var random = new Random(3);
        for (int i = 0; i < 5000; i++)
        {
            Label label = labels[random.Next(labels.Length)];
            uses.Add((code.Position, label));
            asm.Jmp(label);
            Label bindable = labels[random.Next(labels.Length)];
            if (random.Next(10) == 0 && !code.IsBound(bindable))
                code.Bind(bindable);
        }
        foreach (Label label in labels.Where(label => !code.IsBound(label)))
            code.Bind(label);
        byte[] bytes = Placed(code);
        foreach ((int use, Label label) in uses)
            Assert.Equal(code.OffsetOf(label), TargetAt(bytes, use));
    }

    [Fact]
    public void Mistakes_with_labels_are_refused()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Label label = code.NewLabel();
        Assert.Throws<InvalidOperationException>(() => code.OffsetOf(label));
        asm.Jmp(label);
        Assert.Throws<InvalidOperationException>(() => Placed(code));
        code.Bind(label);
        Assert.Throws<InvalidOperationException>(() => code.Bind(label));
        Assert.Throws<ArgumentException>(() => code.Bind(default(Label)));
        Assert.Throws<ArgumentException>(() => code.Bind(new Label(2)));
        Assert.Throws<ArgumentException>(() => code.IsBound(new Label(-1)));
        Placed(code);
        code.Reset();
        Assert.Throws<ArgumentException>(() => code.Bind(label));
    }

    [Fact]
    public void An_unused_label_may_stay_unbound()
    {
        using var code = new CodeBuffer();
        _ = code.NewLabel();
        new X64Assembler(code).Ret();
        Assert.Equal([0xC3], Placed(code));
    }

    [Fact]
    public void Literals_are_shared_aligned_and_read_by_the_instruction()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        var loads = new List<(int Use, int Size, UInt128 Value)>();
        for (int i = 0; i < 600; i++)
        {
            ulong value = (ulong)(i % 200) * 0x9E37_79B9_7F4A_7C15;
            int use = code.Position;
            switch (i % 3)
            {
                case 0:
                    asm.Movss(Xmm.Xmm1, Mem.Rip(code.Literal32((uint)value)));
                    loads.Add((use, 4, (uint)value));
                    break;
                case 1:
                    asm.Movsd(Xmm.Xmm1, Mem.Rip(code.Literal64(value)));
                    loads.Add((use, 8, value));
                    break;
                default:
                    asm.Movaps(Xmm.Xmm1, Mem.Rip(code.Literal128(value, ~value)));
                    loads.Add((use, 16, new UInt128(~value, value)));
                    break;
            }
        }
        Assert.Equal(code.Literal64(1), code.Literal64(1));
        Assert.NotEqual(code.Literal64(1), code.Literal32(1));
        Assert.NotEqual(code.Literal128(1, 0), code.Literal64(1));
        Assert.Equal(code.Literal128(1, 2), code.Literal128(new UInt128(2, 1)));
        asm.Ret();
        int end = code.Position;
        Assert.Throws<InvalidOperationException>(() => Placed(code));
        code.FinishLiterals();
        Assert.Equal(16, code.RequiredAlignment);
        byte[] bytes = Placed(code);
        foreach ((int use, int size, UInt128 value) in loads)
        {
            int at = TargetAt(bytes, use);
            Assert.True(at >= end);
            Assert.Equal(0, at % size);
            UInt128 read = 0;
            for (int i = size - 1; i >= 0; i--)
                read = (read << 8) | bytes[at + i];
            Assert.Equal(value, read);
        }
        // 600 loads, of which each third repeats 200 values; and the few of the assertions above.
        int distinct = loads.Distinct().Sum(load => load.Size);
        Assert.InRange(bytes.Length - end, distinct, distinct + 80);
    }

    [Fact]
    public void Placed_literals_stay_shared_and_new_ones_follow()
    {
        using var code = new CodeBuffer();
        Label first = code.Literal64(5);
        code.FinishLiterals();
        int size = code.Position;
        code.FinishLiterals();
        Assert.Equal(size, code.Position);
        Assert.Equal(first, code.Literal64(5));
        Label second = code.Literal64(6);
        code.FinishLiterals();
        Assert.Equal(size, code.OffsetOf(second));
        code.Reset();
        Label again = code.Literal64(5);
        Assert.False(code.IsBound(again));
    }

    [Fact]
    public void External_targets_are_reached_from_the_final_address()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        asm.Nop(3);
        asm.CallExternal(Address(0x1234));
        asm.JmpExternal(Address(-0x1234));
        asm.JccExternal(Condition.A, Address(int.MaxValue));
        byte[] bytes = Placed(code);
        Assert.Equal(0x1234, TargetAt(bytes, 3));
        Assert.Equal(-0x1234, TargetAt(bytes, 8));
        Assert.Equal(int.MaxValue, TargetAt(bytes, 13));
        Assert.Equal(3, code.Relocations.Length);
    }

    [Theory]
    [InlineData(5 + (long)int.MaxValue, true)]
    [InlineData(6 + (long)int.MaxValue, false)]
    [InlineData(5 + (long)int.MinValue, true)]
    [InlineData(4 + (long)int.MinValue, false)]
    public void An_external_target_out_of_reach_is_refused(long offset, bool reachable)
    {
        using var code = new CodeBuffer();
        new X64Assembler(code).CallExternal(Address(offset));
        if (reachable)
            Assert.Equal(offset, TargetOf(Placed(code), 0));
        else
            Assert.Throws<InvalidOperationException>(() => Placed(code));
    }

    [Fact]
    public void Jump_tables_hold_distances_and_addresses()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Label[] targets = [.. Enumerable.Range(0, 100).Select(_ => code.NewLabel())];
        Label distances = code.NewLabel(), addresses = code.NewLabel(), late = code.NewLabel();
        foreach (Label target in targets.AsSpan(0, 50))
        {
            code.Bind(target);
            asm.Nop(7);
        }
        code.Align(4, NopFill.Zero);
        code.Bind(distances);
        foreach (Label target in targets)
            code.DataLabelDifference(target, distances);
        code.DataLabelDifference(targets[0], late);
        code.Align(8, NopFill.Zero);
        code.Bind(addresses);
        foreach (Label target in targets)
            code.DataLabelAddress(target);
        code.Bind(late);
        foreach (Label target in targets.AsSpan(50))
        {
            asm.Nop(9);
            code.Bind(target);
        }
        byte[] bytes = Placed(code);
        for (int i = 0; i < targets.Length; i++)
        {
            int expected = code.OffsetOf(targets[i]);
            int origin = code.OffsetOf(distances);
            Assert.Equal(expected - origin, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(origin + (4 * i))));
            int entry = code.OffsetOf(addresses) + (8 * i);
            Assert.Equal(Origin + expected, BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(entry)));
        }
        Assert.Equal(-code.OffsetOf(late), BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(code.OffsetOf(distances) + 400)));
    }

    [Fact]
    public void A_table_of_an_unbound_label_is_refused()
    {
        using var code = new CodeBuffer();
        code.DataLabelAddress(code.NewLabel());
        Assert.Throws<InvalidOperationException>(() => Placed(code));
        code.Reset();
        code.DataLabelDifference(code.NewLabel(), code.NewLabel());
        Assert.Throws<InvalidOperationException>(() => Placed(code));
        Assert.Throws<ArgumentException>(() => code.DataLabelAddress(default));
    }

    [Fact]
    public void The_same_code_can_be_placed_twice()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        Label self = code.NewLabel();
        code.Bind(self);
        asm.MovAbs(Rax, self);
        asm.CallExternal(Address(0));
        byte[] first = Placed(code), second = Placed(code, Origin + 4096);
        Assert.Equal(Origin, BinaryPrimitives.ReadInt64LittleEndian(first.AsSpan(2)));
        Assert.Equal(Origin + 4096, BinaryPrimitives.ReadInt64LittleEndian(second.AsSpan(2)));
        Assert.Equal(-15, BinaryPrimitives.ReadInt32LittleEndian(first.AsSpan(11)));
        Assert.Equal(-15 - 4096, BinaryPrimitives.ReadInt32LittleEndian(second.AsSpan(11)));
    }

    [Fact]
    public void Alignment_fills_the_gap()
    {
        for (int round = 0; round < 3 * 70; round++)
        {
            var fill = (NopFill)(round % 3);
            int before = round / 3;
            using var code = new CodeBuffer();
            var asm = new X64Assembler(code);
            for (int i = 0; i < before; i++)
                asm.Ret();
            code.Align(32, fill);
            Assert.Equal((before + 31) / 32 * 32, code.Position);
            Assert.Equal(32, code.RequiredAlignment);
            if (fill != NopFill.Nop)
            {
                Assert.All(code.Bytes[before..].ToArray(), b => Assert.Equal(fill == NopFill.Zero ? 0 : 0xCC, b));
                continue;
            }
            var decoder = Decoder.Create(64, new ByteArrayCodeReader(code.Bytes[before..].ToArray()));
            while (decoder.IP < (ulong)(code.Position - before))
                Assert.Equal(Mnemonic.Nop, decoder.Decode().Mnemonic);
        }
    }

    [Fact]
    public void Alignment_holds_at_the_final_address_or_is_refused()
    {
        using var code = new CodeBuffer();
        code.Align(64, NopFill.Zero);
        Assert.Throws<ArgumentException>(() => Placed(code, Origin + 32));
        Placed(code, Origin + 64);
        Assert.Throws<ArgumentOutOfRangeException>(() => code.Align(3, NopFill.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.Align(0, NopFill.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.Align(8192, NopFill.Zero));
        code.Reset();
        Assert.Equal(1, code.RequiredAlignment);
    }

    [Fact]
    public void Growth_keeps_what_was_written_and_stops_at_the_limit()
    {
        using var code = new CodeBuffer(1 << 20);
        for (int i = 0; i < (1 << 18) - 1; i++)
            code.Int32(i);
        var failure = Assert.Throws<CodeTooLargeException>(() => code.Write(new byte[5]));
        Assert.Equal(1 << 20, failure.Limit);
        Assert.Equal((1 << 20) + 1, failure.Requested);
        code.Int32(-1);
        Assert.Throws<CodeTooLargeException>(() => code.Byte(0));
        for (int i = 0; i < (1 << 18) - 1; i++)
            Assert.Equal(i, BinaryPrimitives.ReadInt32LittleEndian(code.Bytes[(4 * i)..]));
        code.Reset();
        Assert.Equal(0, code.Position);
        code.Byte(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CodeBuffer(CodeBuffer.MaximumSize + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CodeBuffer(0));
    }

    [Fact]
    public void Instructions_stop_at_the_limit_whatever_their_length()
    {
        for (int limit = 16; limit < 64; limit++)
        {
            using var code = new CodeBuffer(limit);
            var asm = new X64Assembler(code);
            var failure = Assert.Throws<CodeTooLargeException>(() =>
            {
                for (int i = 0; i < limit; i++)
                {
                    asm.LockAdd(Size.Qword, Mem.At(R12, R13, 8, int.MaxValue), int.MinValue); // F0 and 12 bytes
                    asm.MovAbs(R15, long.MaxValue);
                    asm.Ret();
                }
            });
            Assert.Equal(limit, failure.Limit);
            Assert.InRange(failure.Requested, limit + 1, limit + 12);
            Assert.InRange(code.Position, limit - 12, limit);
            Assert.Throws<CodeTooLargeException>(() => asm.Nop(100));
            code.Reset();
            asm.Ret();
            Assert.Equal("C3", Convert.ToHexString(code.Bytes));
        }
    }

    [Fact]
    public void Code_that_grows_instruction_by_instruction_reads_back_whole()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        const int Count = 100_000;
        for (int i = 0; i < Count; i++)
            asm.Mov(Size.Dword, (Gpr)(i & 15), i);
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code.Bytes.ToArray()));
        for (int i = 0; i < Count; i++)
        {
            Instruction instruction = decoder.Decode();
            if (instruction.Mnemonic != Mnemonic.Mov || instruction.Immediate32 != (uint)i)
                Assert.Fail($"instruction {i} reads as {instruction}");
        }
        Assert.Equal((ulong)code.Position, decoder.IP);
    }

    [Fact]
    public void Sites_keep_offset_kind_and_data()
    {
        using var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        for (int i = 0; i < 1000; i++)
        {
            code.AddSite((ushort)i, -i);
            asm.Ud2();
        }
        Assert.Equal(1000, code.Sites.Length);
        for (int i = 0; i < 1000; i++)
            Assert.Equal(new Site(2 * i, (ushort)i, -i), code.Sites[i]);
        code.Reset();
        Assert.Equal(0, code.Sites.Length);
    }

    [Fact]
    public void An_immediate_can_be_patched_within_the_code()
    {
        using var code = new CodeBuffer();
        new X64Assembler(code).Sub(Size.Qword, Rsp, int.MaxValue);
        code.PatchInt32(code.Position - 4, 0x40);
        Assert.Equal("4881EC40000000", Convert.ToHexString(code.Bytes));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.PatchInt32(code.Position - 3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.PatchInt32(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => code.PatchInt32(int.MaxValue, 0));
    }

    [Fact]
    public void A_disposed_buffer_refuses_use()
    {
        var code = new CodeBuffer();
        var asm = new X64Assembler(code);
        code.Dispose();
        code.Dispose();
        Assert.Throws<NullReferenceException>(() => asm.Ret());
        Assert.Throws<ObjectDisposedException>(() => asm.Nop(3));
        Assert.Throws<ObjectDisposedException>(code.Reset);
    }

    private static nint Address(long offset) => (nint)(Origin + offset);

    private static byte[] Placed(CodeBuffer code, long address = Origin)
    {
        byte[] bytes = new byte[code.Position + 1];
        bytes[^1] = 0xA5;
        fixed (byte* writable = bytes)
            code.CopyTo(writable, (byte*)address);
        Assert.Equal(0xA5, bytes[^1]);
        return bytes[..^1];
    }

    /// <summary>Where the instruction at an offset jumps or points to, relative to the start of the code.</summary>
    private static long TargetOf(byte[] bytes, int offset)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes, offset, bytes.Length - offset), (ulong)(Origin + offset));
        decoder.Decode(out Instruction instruction);
        ulong target = instruction.IsIPRelativeMemoryOperand ? instruction.IPRelativeMemoryAddress : instruction.NearBranchTarget;
        return (long)target - Origin;
    }

    private static int TargetAt(byte[] bytes, int offset) => checked((int)TargetOf(bytes, offset));
}
