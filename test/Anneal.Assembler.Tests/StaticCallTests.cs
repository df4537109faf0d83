using System.Buffers.Binary;
using Iced.Intel;
using Xunit;

namespace Anneal.Assembler.Tests;

public sealed class StaticCallTests
{
    private static readonly nint s_site = unchecked((nint)0x7F00_0000_1000L);

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(-1000)]
    [InlineData(5 + (long)int.MaxValue)]
    [InlineData(5 + (long)int.MinValue)]
    public void Jumps_and_calls_go_to_their_target(long distance)
    {
        nint target = s_site + (nint)distance;
        foreach ((ulong word, Mnemonic mnemonic) in new[]
        {
            (X64StaticCall.Jump(s_site, target), Mnemonic.Jmp),
            (X64StaticCall.Call(s_site, target), Mnemonic.Call),
        })
        {
            Instruction first = First(word);
            Assert.Equal(mnemonic, first.Mnemonic);
            Assert.Equal(5, first.Length);
            Assert.Equal((ulong)target, first.NearBranchTarget);
            Assert.Equal(target, X64StaticCall.TargetOf(s_site, word));
        }
    }

    [Fact]
    public void Every_form_continues_with_the_same_no_operation()
    {
        ulong jump = X64StaticCall.Jump(s_site, s_site), call = X64StaticCall.Call(s_site, s_site);
        foreach (ulong word in (ulong[])[jump, call, X64StaticCall.Nop, X64StaticCall.Return])
        {
            Instruction next = At(word, X64StaticCall.ReturnOffset);
            Assert.Equal(Mnemonic.Nop, next.Mnemonic);
            Assert.Equal(3, next.Length);
        }
        Assert.Equal(Mnemonic.Ret, First(X64StaticCall.Return).Mnemonic);
        Assert.Equal(Mnemonic.Nop, First(X64StaticCall.Nop).Mnemonic);
        Assert.Equal(5, First(X64StaticCall.Nop).Length);
    }

    [Fact]
    public void Targets_out_of_reach_and_words_without_target_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => X64StaticCall.Jump(s_site, s_site + int.MaxValue + 6));
        Assert.Throws<ArgumentOutOfRangeException>(() => X64StaticCall.Call(s_site, s_site + int.MinValue + 4));
        Assert.Throws<ArgumentException>(() => X64StaticCall.TargetOf(s_site, X64StaticCall.Return));
    }

    private static Instruction First(ulong word) => At(word, 0);

    private static Instruction At(ulong word, int offset)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, word);
        var reader = new ByteArrayCodeReader(bytes, offset, 8 - offset);
        return Decoder.Create(64, reader, (ulong)(s_site + offset)).Decode();
    }
}
