namespace Anneal.Assembler.Tests;

internal static partial class Forms
{
    private static readonly (string Method, string Text)[] s_bits =
    [
        ("Bsf(Size,Gpr,RegMem)", "wdq|bsf {1:s}, {2:s}"),
        ("Bsr(Size,Gpr,RegMem)", "wdq|bsr {1:s}, {2:s}"),
        ("Popcnt(Size,Gpr,RegMem)", "wdq|popcnt {1:s}, {2:s}"),
        ("Tzcnt(Size,Gpr,RegMem)", "wdq|tzcnt {1:s}, {2:s}"),
        ("Lzcnt(Size,Gpr,RegMem)", "wdq|lzcnt {1:s}, {2:s}"),
        ("Bt(Size,RegMem,Gpr)", "wdq|bt {1:s}, {2:s}"),
        ("Bts(Size,RegMem,Gpr)", "wdq|bts {1:s}, {2:s}"),
        ("Btr(Size,RegMem,Gpr)", "wdq|btr {1:s}, {2:s}"),
        ("Btc(Size,RegMem,Gpr)", "wdq|btc {1:s}, {2:s}"),
        ("Bt(Size,RegMem,Int32)", "wdq|bt {1:s}, {2:t}"),
        ("Bts(Size,RegMem,Int32)", "wdq|bts {1:s}, {2:t}"),
        ("Btr(Size,RegMem,Int32)", "wdq|btr {1:s}, {2:t}"),
        ("Btc(Size,RegMem,Int32)", "wdq|btc {1:s}, {2:t}"),
        ("Bswap(Size,Gpr)", "dq|bswap {1:s}"),
        ("Movbe(Size,Gpr,Mem)", "wdq|movbe {1:s}, {2:s}"),
        ("Movbe(Size,Mem,Gpr)", "wdq|movbe {1:s}, {2:s}"),
        ("Andn(Size,Gpr,Gpr,RegMem)", "dq|andn {1:s}, {2:s}, {3:s}"),
        ("Bextr(Size,Gpr,RegMem,Gpr)", "dq|bextr {1:s}, {2:s}, {3:s}"),
        ("Blsr(Size,Gpr,RegMem)", "dq|blsr {1:s}, {2:s}"),
        ("Blsmsk(Size,Gpr,RegMem)", "dq|blsmsk {1:s}, {2:s}"),
        ("Blsi(Size,Gpr,RegMem)", "dq|blsi {1:s}, {2:s}"),
        ("Bzhi(Size,Gpr,RegMem,Gpr)", "dq|bzhi {1:s}, {2:s}, {3:s}"),
        ("Pdep(Size,Gpr,Gpr,RegMem)", "dq|pdep {1:s}, {2:s}, {3:s}"),
        ("Pext(Size,Gpr,Gpr,RegMem)", "dq|pext {1:s}, {2:s}, {3:s}"),
        ("Mulx(Size,Gpr,Gpr,RegMem)", "dq|mulx {1:s}, {2:s}, {3:s}"),
        ("Shlx(Size,Gpr,RegMem,Gpr)", "dq|shlx {1:s}, {2:s}, {3:s}"),
        ("Sarx(Size,Gpr,RegMem,Gpr)", "dq|sarx {1:s}, {2:s}, {3:s}"),
        ("Shrx(Size,Gpr,RegMem,Gpr)", "dq|shrx {1:s}, {2:s}, {3:s}"),
        ("Rorx(Size,Gpr,RegMem,Int32)", "dq|rorx {1:s}, {2:s}, {3:c}"),
    ];
}
