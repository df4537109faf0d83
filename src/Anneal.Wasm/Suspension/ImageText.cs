// An image as text for a person. What may be long is cut: frames in the middle of a deep stack, slots of a large frame, globals.

using System.Globalization;
using System.Text;
using Anneal.Tiering;

namespace Anneal.Wasm.Suspension;

/// <summary>Writes state images out.</summary>
internal static class ImageText
{
    private const int FramesAtEnd = 50;
    private const int MostSlots = 40;
    private const int MostGlobals = 40;
    private const int MostDescriptors = 40;
    private const int MostOthers = 100;

    /// <summary>The text of an image, several lines.</summary>
    public static string Of(StateImage image)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"state image, version {image.Version}: suspended ({image.Reason}), {image.Stack.Length} frames, {image.Instances.Length} instances, {image.MemoryBytes} bytes of memory");
        if (image.Fuel is { } fuel) text.Append(CultureInfo.InvariantCulture, $", {fuel} fuel left");
        text.Append('\n');
        for (int i = 0; i < image.Stack.Length; i++)
        {
            if (image.Stack.Length > 2 * FramesAtEnd && i == FramesAtEnd)
            {
                int skipped = image.Stack.Length - (2 * FramesAtEnd);
                text.Append(CultureInfo.InvariantCulture, $"  ... {skipped} frames ...\n");
                i += skipped;
            }

            Append(text, i, image.Stack[i]);
        }

        for (int i = 0; i < Math.Min(image.Instances.Length, MostOthers); i++) Append(text, i, image.Instances[i]);
        Cut(text, image.Instances.Length, MostOthers, "  ", "instances\n");
        for (int i = 0; i < Math.Min(image.Memories.Length, MostOthers); i++)
            text.Append(CultureInfo.InvariantCulture, $"  memory {i}: {image.Memories[i].Pages.Length} pages, {image.Memories[i].Pages.Count(page => page is not null)} not zero\n");
        for (int i = 0; i < Math.Min(image.Tables.Length, MostOthers); i++)
            text.Append(CultureInfo.InvariantCulture, $"  table {i}: {image.Tables[i].Elements.Length} elements, {image.Tables[i].Elements.Count(element => !element.IsNull)} not null\n");
        for (int i = 0; i < Math.Min(image.Globals.Length, MostGlobals); i++) Append(text, i, image.Globals[i]);
        Cut(text, image.Globals.Length, MostGlobals, "  ", "globals\n");
        for (int i = 0; i < Math.Min(image.Wasi.Length, MostOthers); i++) Append(text, i, image.Wasi[i]);
        return text.ToString();
    }

    private static void Cut(StringBuilder text, int count, int most, string before, string what)
    {
        if (count > most) text.Append(CultureInfo.InvariantCulture, $"{before}... {count - most} more {what}");
    }

    private static void Append(StringBuilder text, int number, FrameImage frame)
    {
        string point = frame.Point switch
        {
            FramePoint.Entry => "entered",
            FramePoint.At => "at",
            _ => "after",
        };
        text.Append(CultureInfo.InvariantCulture, $"  #{number} {frame.Where}, {point} pc {frame.Pc}, instance {frame.Instance}, {frame.Slots.Length} slots\n");
        int shown = 0, live = 0;
        for (int i = 0; i < frame.Slots.Length && i < frame.Layout.SlotCount; i++)
        {
            if (!frame.Layout.IsLive(i)) continue;
            if (++live > MostSlots) continue;
            shown++;
            text.Append(CultureInfo.InvariantCulture, $"       {i}: {frame.Layout[i]} {ValueOf(frame, i)}\n");
        }

        if (live > shown) text.Append(CultureInfo.InvariantCulture, $"       ... {live - shown} more\n");
    }

    private static string ValueOf(FrameImage frame, int slot)
    {
        if (!frame.Layout[slot].IsReference) return Number(frame.Layout[slot], frame.Slots[slot]);
        foreach ((int at, ReferenceImage reference) in frame.References)
        {
            if (at == slot) return reference.ToString();
        }

        return "null";
    }

    private static string Number(ValueType type, ulong bits)
    {
        if (type == ValueType.I32) return ((int)bits).ToString(CultureInfo.InvariantCulture);
        if (type == ValueType.I64) return ((long)bits).ToString(CultureInfo.InvariantCulture);
        double value = type == ValueType.F32 ? BitConverter.UInt32BitsToSingle((uint)bits) : BitConverter.UInt64BitsToDouble(bits);
        return double.IsNaN(value) ? $"NaN 0x{bits:x}" : value.ToString(CultureInfo.InvariantCulture);
    }

    private static void Append(StringBuilder text, int number, InstanceImage instance)
    {
        text.Append(CultureInfo.InvariantCulture, $"  instance {number}: {instance.ModuleName ?? "a module"}, SHA-256 {Convert.ToHexStringLower(instance.ModuleHash)}");
        List(text, ", memories", instance.Memories);
        List(text, ", tables", instance.Tables);
        List(text, ", globals", instance.Globals);
        int segments = instance.DroppedData.Count(dropped => dropped) + instance.DroppedElements.Count(dropped => dropped);
        if (segments != 0) text.Append(CultureInfo.InvariantCulture, $", {segments} segments dropped");
        text.Append('\n');
    }

    private static void List(StringBuilder text, string what, int[] numbers)
    {
        if (numbers.Length == 0) return;
        text.Append(what);
        foreach (int number in numbers.AsSpan(0, Math.Min(numbers.Length, MostGlobals))) text.Append(CultureInfo.InvariantCulture, $" {number}");
        if (numbers.Length > MostGlobals) text.Append(" ...");
    }

    private static void Append(StringBuilder text, int number, GlobalImage global)
    {
        string value = global.Type.Content.IsReference ? global.Reference.ToString() : Number(global.Type.Content, global.Bits);
        text.Append(CultureInfo.InvariantCulture, $"  global {number}: {(global.Type.IsMutable ? "mut " : "")}{global.Type.Content} = {value}\n");
    }

    private static void Append(StringBuilder text, int number, WasiImage wasi)
    {
        text.Append(CultureInfo.InvariantCulture, $"  WASI {number}:");
        int shown = 0, open = 0;
        for (int i = 0; i < wasi.Descriptors.Length; i++)
        {
            if (wasi.Descriptors[i] is not { } descriptor) continue;
            if (++open > MostDescriptors) continue;
            shown++;
            text.Append(CultureInfo.InvariantCulture, $"{(shown == 1 ? " " : ", ")}{i} ");
            text.Append(descriptor.Kind switch
            {
                DescriptorKind.Standard => $"standard stream {descriptor.Number}",
                DescriptorKind.Preopen => $"preopen {Encoding.UTF8.GetString(descriptor.Preopen)}",
                DescriptorKind.File => string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetString(descriptor.Path)} at {descriptor.Offset}"),
                DescriptorKind.Directory => $"{Encoding.UTF8.GetString(descriptor.Path)}/",
                _ => "fixed",
            });
            if (descriptor.Refusal is { } refusal) text.Append(" (stays: ").Append(refusal).Append(')');
        }

        if (open > shown) text.Append(CultureInfo.InvariantCulture, $", ... {open - shown} more");
        text.Append('\n');
    }
}
