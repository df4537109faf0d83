// States in words, for messages and the log.

using System.Globalization;
using System.Text;

namespace Anneal.Ebpf.Verification;

/// <summary>Describes states.</summary>
internal static class RegisterText
{
    public static string Of(in RegisterState state, MapDefinition[] maps)
    {
        if (state.Kind == RegisterKind.Uninitialized) return "uninitialized";
        if (state.Kind == RegisterKind.Scalar) return Number(state.Number);
        string target = state.Kind switch
        {
            RegisterKind.Context => "context",
            RegisterKind.Stack => state.Object == 0 ? "stack" : string.Create(CultureInfo.InvariantCulture, $"stack of frame {state.Object}"),
            RegisterKind.Packet => "packet",
            RegisterKind.PacketMeta => "packet metadata",
            RegisterKind.PacketEnd => "packet end",
            RegisterKind.MapValue => $"value of map {maps[state.Object].Name}",
            RegisterKind.Map => $"map {maps[state.Object].Name}",
            RegisterKind.Subprogram => string.Create(CultureInfo.InvariantCulture, $"function {state.Object}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{state.Extent} bytes of memory"),
        };
        var text = new StringBuilder(target);
        if (state.MaybeNull) text.Append(" or null");
        if (state.Offset != 0) text.Append(CultureInfo.InvariantCulture, $" {(state.Offset < 0 ? '-' : '+')} {Math.Abs((long)state.Offset)}");
        if (!state.Number.IsConstant || state.Number.ConstantValue != 0) text.Append(" + ").Append(Number(state.Number));
        if (state.Kind is RegisterKind.Packet or RegisterKind.PacketMeta) text.Append(CultureInfo.InvariantCulture, $", {state.Extent} bytes known");
        return text.ToString();
    }

    /// <summary>The number, or the narrowest of what is known of it.</summary>
    public static string Number(in Scalar number)
    {
        ref readonly Interval full = ref number.Full;
        if (number.IsConstant)
        {
            long value = (long)number.ConstantValue;
            return value is > -65536 and < 65536 ? value.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");
        }

        var parts = new List<string>();
        bool hasUnsigned = full.UMin != 0 || full.UMax != ulong.MaxValue;
        bool hasSigned = full.SMin != long.MinValue || full.SMax != long.MaxValue;
        bool sameSign = full.SMin >= 0;
        if (hasUnsigned && (sameSign || !hasSigned || full.UMax < long.MaxValue)) parts.Add(string.Create(CultureInfo.InvariantCulture, $"in [{full.UMin}, {full.UMax}]"));
        if (hasSigned && !sameSign) parts.Add(string.Create(CultureInfo.InvariantCulture, $"signed in [{full.SMin}, {full.SMax}]"));
        if (full.UMax > uint.MaxValue)
        {
            ref readonly Interval low = ref number.Low;
            if (low.UMin != 0 || low.UMax != uint.MaxValue) parts.Add(string.Create(CultureInfo.InvariantCulture, $"low half in [{low.UMin}, {low.UMax}]"));
            if (low.SMin != int.MinValue || low.SMax != int.MaxValue)
            {
                if (low.SMin < 0) parts.Add(string.Create(CultureInfo.InvariantCulture, $"low half signed in [{low.SMin}, {low.SMax}]"));
            }
        }

        Tnum range = Tnum.Range(full.UMin, full.UMax);
        if (!full.Bits.Equals(range)) parts.Add(string.Create(CultureInfo.InvariantCulture, $"unknown bits 0x{full.Bits.Mask:x} of 0x{full.Bits.Value:x}"));
        return parts.Count == 0 ? "any number" : "number " + string.Join(", ", parts);
    }
}
