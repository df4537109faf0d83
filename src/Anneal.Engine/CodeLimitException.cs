namespace Anneal;

/// <summary>
/// An engine's machine code would exceed <see cref="EngineOptions.MaxCodeBytes"/>. Thrown where code is made: at the first
/// instantiation of a module, or out of the host's call into the guest that called a function for the first time.
/// </summary>
public sealed class CodeLimitException : Exception
{
    internal CodeLimitException(long limit)
        : base($"the engine's limit of {limit} bytes of machine code is reached")
    {
    }
}
