namespace Anneal.Wasm;

/// <summary>Something can't be made because its store would exceed one of its <see cref="StoreLimits"/>.</summary>
public sealed class StoreLimitException : WasmException
{
    internal StoreLimitException(string message)
        : base(message)
    {
    }
}
