namespace Anneal.Wasm;

/// <summary>The bytes are no WebAssembly module: the binary format (section 5) is violated.</summary>
public sealed class MalformedModuleException : WasmException
{
    internal MalformedModuleException(string message, long offset)
        : base($"{message} (at offset 0x{offset:x})") => Offset = offset;

    /// <summary>The offset of the fault from the start of the module, in bytes.</summary>
    public long Offset { get; }
}
