// The seam between loading and verifying: load calls Verify before it lowers a program that is to run without checks.

namespace Anneal.Ebpf.Verification;

/// <summary>Decides whether a program is safe to run without checks.</summary>
internal interface IProgramVerifier
{
    /// <summary>Verifies a program. Returning means that no path of it can access memory outside of what it was given.</summary>
    /// <param name="program">The program.</param>
    /// <param name="helpers">The helpers that it may call.</param>
    /// <returns>What was found out that lowering needs.</returns>
    /// <exception cref="VerifierException">The program is refused.</exception>
    VerifiedFacts Verify(EbpfProgram program, HelperTable helpers);
}
