namespace Anneal.Wasm;

/// <summary>The bytes are no WebAssembly module: the binary format (section 5) is violated.</summary>
public sealed class MalformedModuleException : WasmException
{
    internal MalformedModuleException(string message, long offset, string? function = null)
        : base(function is null ? $"{message} (at offset 0x{offset:x})" : $"{message} (in {function}, at offset 0x{offset:x})")
    {
        Reason = message;
        Offset = offset;
        Function = function;
    }

    /// <summary>What is wrong, without where.</summary>
    internal string Reason { get; }

    /// <summary>The offset of the fault from the start of the module, in bytes.</summary>
    public long Offset { get; }

    /// <summary>The function that the fault is in, as <c>function[index] &lt;name&gt;</c>; null outside function bodies.</summary>
    public string? Function { get; }
}
