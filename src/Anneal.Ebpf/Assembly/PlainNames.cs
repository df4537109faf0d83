namespace Anneal.Ebpf.Assembly;

/// <summary>The names of operations in the plain syntax, by the upper four bits of the opcode.</summary>
internal static class PlainNames
{
    public static string[] Arithmetic { get; } = ["add", "sub", "mul", "div", "or", "and", "lsh", "rsh", "neg", "mod", "xor", "mov", "arsh"];

    public static string[] Jumps { get; } = ["ja", "jeq", "jgt", "jge", "jset", "jne", "jsgt", "jsge", "call", "exit", "jlt", "jle", "jslt", "jsle"];
}
