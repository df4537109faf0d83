// The numeric instructions, by the type of their result.

namespace Anneal.Wasm.Tests.Differential;

/// <summary>What an instruction has to do with NaNs whose bits are open.</summary>
internal enum NanRule
{
    /// <summary>Operands must be definite; so is the result.</summary>
    Definite,

    /// <summary>The result is a number of another kind and does not depend on a NaN's bits.</summary>
    Ignores,

    /// <summary>The result may be such a NaN, whatever the operands are.</summary>
    Makes,

    /// <summary>The result is one if an operand is.</summary>
    Passes,
}

internal readonly record struct NumericOp(byte[] Code, T Result, T[] Operands, NanRule Rule, bool MayTrap = false)
{
    public bool Divides => Code[0] is >= 0x6D and <= 0x70 or >= 0x7F and <= 0x82;
}

internal static class NumericOps
{
    private static readonly Dictionary<T, NumericOp[]> ByResult = All().GroupBy(op => op.Result).ToDictionary(group => group.Key, group => group.ToArray());

    public static NumericOp[] Of(T result) => ByResult[result];

    private static IEnumerable<NumericOp> All()
    {
        IEnumerable<NumericOp> ops =
        [
            .. Range(0x45, 0x45, T.I32, [T.I32]), .. Range(0x46, 0x4F, T.I32, [T.I32, T.I32]),
            .. Range(0x50, 0x50, T.I32, [T.I64]), .. Range(0x51, 0x5A, T.I32, [T.I64, T.I64]),
            .. Range(0x5B, 0x60, T.I32, [T.F32, T.F32], NanRule.Ignores), .. Range(0x61, 0x66, T.I32, [T.F64, T.F64], NanRule.Ignores),
            .. Range(0x67, 0x69, T.I32, [T.I32]), .. Range(0x6A, 0x78, T.I32, [T.I32, T.I32]),
            .. Range(0x79, 0x7B, T.I64, [T.I64]), .. Range(0x7C, 0x8A, T.I64, [T.I64, T.I64]),
            .. Range(0x8B, 0x8C, T.F32, [T.F32], NanRule.Passes), .. Range(0x8D, 0x91, T.F32, [T.F32], NanRule.Makes),
            .. Range(0x92, 0x97, T.F32, [T.F32, T.F32], NanRule.Makes), .. Range(0x98, 0x98, T.F32, [T.F32, T.F32]),
            .. Range(0x99, 0x9A, T.F64, [T.F64], NanRule.Passes), .. Range(0x9B, 0x9F, T.F64, [T.F64], NanRule.Makes),
            .. Range(0xA0, 0xA5, T.F64, [T.F64, T.F64], NanRule.Makes), .. Range(0xA6, 0xA6, T.F64, [T.F64, T.F64]),
            .. Range(0xA7, 0xA7, T.I32, [T.I64]),
            .. Range(0xA8, 0xA9, T.I32, [T.F32], NanRule.Ignores, true), .. Range(0xAA, 0xAB, T.I32, [T.F64], NanRule.Ignores, true),
            .. Range(0xAC, 0xAD, T.I64, [T.I32]),
            .. Range(0xAE, 0xAF, T.I64, [T.F32], NanRule.Ignores, true), .. Range(0xB0, 0xB1, T.I64, [T.F64], NanRule.Ignores, true),
            .. Range(0xB2, 0xB3, T.F32, [T.I32]), .. Range(0xB4, 0xB5, T.F32, [T.I64]), .. Range(0xB6, 0xB6, T.F32, [T.F64], NanRule.Makes),
            .. Range(0xB7, 0xB8, T.F64, [T.I32]), .. Range(0xB9, 0xBA, T.F64, [T.I64]), .. Range(0xBB, 0xBB, T.F64, [T.F32], NanRule.Makes),
            .. Range(0xBC, 0xBC, T.I32, [T.F32]), .. Range(0xBD, 0xBD, T.I64, [T.F64]),
            .. Range(0xBE, 0xBE, T.F32, [T.I32]), .. Range(0xBF, 0xBF, T.F64, [T.I64]),
            .. Range(0xC0, 0xC1, T.I32, [T.I32]), .. Range(0xC2, 0xC4, T.I64, [T.I64]),
        ];
        foreach (NumericOp op in ops)
            yield return op;
        T[] floats = [T.F32, T.F32, T.F64, T.F64, T.F32, T.F32, T.F64, T.F64];
        for (byte i = 0; i < 8; i++)
            yield return new NumericOp([0xFC, i], i < 4 ? T.I32 : T.I64, [floats[i]], NanRule.Ignores);
    }

    private static IEnumerable<NumericOp> Range(byte first, byte last, T result, T[] operands, NanRule rule = NanRule.Definite, bool mayTrap = false)
    {
        for (int code = first; code <= last; code++)
        {
            bool divides = code is >= 0x6D and <= 0x70 or >= 0x7F and <= 0x82;
            yield return new NumericOp([(byte)code], result, operands, rule, mayTrap || divides);
        }
    }
}
