namespace Anneal.Wasm.Tests.Differential;

/// <summary>The types that generated code computes with, numbered as in the binary format.</summary>
internal enum T : byte
{
    /// <summary>A statement: nothing is left on the stack. Also the type of an empty block.</summary>
    Void = 0x40,
    I32 = 0x7F,
    I64 = 0x7E,
    F32 = 0x7D,
    F64 = 0x7C,
    FuncRef = 0x70,
    ExternRef = 0x6F,
}
