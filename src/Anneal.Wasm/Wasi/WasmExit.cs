// How a guest ends itself: proc_exit (or a fatal proc_raise) throws this through the guest's frames to the host that called in.

namespace Anneal.Wasm;

/// <summary>Thrown out of a call into a guest when the guest ends its program with an exit code.</summary>
/// <remarks>WASI preview 1, <c>proc_exit</c>. Code 0 is an ordinary end. The instance should not be called again.</remarks>
#pragma warning disable CA1032 // An exit without a code has no meaning.
#pragma warning disable CA1710 // The name that the embedding API promises.
public sealed class WasmExit : Exception
{
    /// <summary>Creates the exit with the guest's code.</summary>
    /// <param name="exitCode">The code that the guest gave.</param>
    public WasmExit(int exitCode) : base($"The guest exited with code {exitCode}.") => ExitCode = exitCode;

    /// <summary>The code that the guest gave; by convention 0 means success.</summary>
    public int ExitCode { get; }
}
