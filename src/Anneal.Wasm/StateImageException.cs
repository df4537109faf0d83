namespace Anneal.Wasm;

/// <summary>A <see cref="StateImage"/> can't be resumed: it's damaged, or doesn't fit where it's to be resumed. Nothing has run.</summary>
public sealed class StateImageException : WasmException
{
    internal StateImageException(string message)
        : base(message)
    {
    }

    internal StateImageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
