using System.Text;

namespace Anneal;

/// <summary>One frame of a guest backtrace.</summary>
/// <param name="FunctionIndex">The function's number in its module.</param>
/// <param name="FunctionName">The function's name, where the module says one.</param>
/// <param name="ModuleName">The module's name, where it has one.</param>
/// <param name="GuestOffset">The offset of the instruction in the guest's code (for WebAssembly: from the start of the module's bytes); -1 if unknown.</param>
public readonly record struct GuestFrame(int FunctionIndex, string? FunctionName, string? ModuleName, int GuestOffset)
{
    /// <summary>The frame as a line of a backtrace.</summary>
    public override string ToString()
    {
        string where = GuestOffset < 0 ? "" : $" @ 0x{GuestOffset:x}";
        string module = ModuleName is null ? "" : ModuleName + "!";
        return FunctionName is null ? $"{module}function[{FunctionIndex}]{where}" : $"{module}{FunctionName} (function[{FunctionIndex}]){where}";
    }

    /// <summary>Frames as lines of text, each with its number.</summary>
    internal static string Format(List<GuestFrame> frames)
    {
        var text = new StringBuilder();
        for (int i = 0; i < frames.Count; i++) text.Append("  ").Append(i).Append(": ").Append(frames[i]).Append('\n');
        return text.ToString();
    }
}
