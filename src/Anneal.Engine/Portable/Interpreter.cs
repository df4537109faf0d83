using Anneal.Runtime;

namespace Anneal.Portable;

/// <summary>The portable tier.</summary>
internal static unsafe class Interpreter
{
    /// <summary>Runs a guest function whose arguments are at the window; results are there afterwards.</summary>
    public static void Run(Execution execution, FunctionReference* function, ulong* window) =>
        throw new InvalidOperationException();
}
