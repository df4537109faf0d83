// Arguments and results of --invoke, in the text format's notation for numbers, by the function's type. Values travel in
// slots, so that the bits of a NaN arrive as they were given.

using System.Globalization;
using System.Text;
using Anneal.Wasm;
using Anneal.Wasm.Text;
using ValueType = Anneal.Wasm.ValueType;

namespace Anneal.Cli;

/// <summary>Values of a function as words.</summary>
internal static class FunctionValues
{
    /// <summary>The slots for a call with these words; as many as arguments or results need.</summary>
    /// <exception cref="UsageException">The words don't fit the type.</exception>
    public static ulong[] Parse(string function, FunctionType type, IReadOnlyList<string> words)
    {
        if (words.Count != type.Parameters.Length)
            throw new UsageException($"{function} {type} takes {Count(type.Parameters.Length, "argument")}, not {words.Count}");
        ulong[] slots = new ulong[Math.Max(type.ParameterSlots, type.ResultSlots)];
        for (int i = 0; i < words.Count; i++)
        {
            if (!TryParse(words[i], type.Parameters[i], out slots[i]))
                throw new UsageException($"argument {i + 1} of {function} {type}: \"{words[i]}\" is no {type.Parameters[i]}");
        }

        return slots;
    }

    /// <summary>Writes the value of a slot in the notation that <see cref="Parse"/> reads.</summary>
    public static string Format(ulong slot, ValueType type)
    {
        if (type == ValueType.I32) return ((int)slot).ToString(CultureInfo.InvariantCulture);
        if (type == ValueType.I64) return ((long)slot).ToString(CultureInfo.InvariantCulture);
        if (type == ValueType.F32)
        {
            float value = BitConverter.UInt32BitsToSingle((uint)slot);
            return Special(value, slot & 0x7F_FFFF, 0x40_0000, (slot & 0x8000_0000) != 0) ?? value.ToString(CultureInfo.InvariantCulture);
        }

        if (type == ValueType.F64)
        {
            double value = BitConverter.UInt64BitsToDouble(slot);
            return Special(value, slot & 0xF_FFFF_FFFF_FFFF, 0x8_0000_0000_0000, slot >> 63 != 0) ?? value.ToString(CultureInfo.InvariantCulture);
        }

        return slot == 0 ? "null" : type.ToString();
    }

    private static bool TryParse(string word, ValueType type, out ulong slot)
    {
        byte[] text = Encoding.UTF8.GetBytes(word);
        slot = 0;
        if (type == ValueType.I32) return WatNumber.Integer(text, 32, out slot) == WatNumberStatus.Ok;
        if (type == ValueType.I64) return WatNumber.Integer(text, 64, out slot) == WatNumberStatus.Ok;
        if (type == ValueType.F64) return WatNumber.Float64(text, out slot) == WatNumberStatus.Ok;
        if (type == ValueType.F32)
        {
            bool parsed = WatNumber.Float32(text, out uint bits) == WatNumberStatus.Ok;
            slot = bits;
            return parsed;
        }

        return type.IsNullable && word == "null";
    }

    // Infinities and NaNs; the canonical NaN's payload is its top bit and isn't shown.
    private static string? Special(double value, ulong payload, ulong canonical, bool negative)
    {
        string sign = negative ? "-" : "";
        if (double.IsInfinity(value)) return sign + "inf";
        if (!double.IsNaN(value)) return null;
        return payload == canonical ? sign + "nan" : $"{sign}nan:0x{payload:x}";
    }

    private static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
