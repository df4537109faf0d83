namespace Anneal.Wasm;

/// <summary>The base of everything that can be wrong with a module: its bytes, its validity, its imports.</summary>
public class WasmException : Exception
{
    /// <summary>Creates the exception with a message that says what is wrong and where.</summary>
    public WasmException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public WasmException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
