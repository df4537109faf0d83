// The verifier: proves that a program can't access memory outside of what it's given, whatever the input, and that it ends.
//
//   program ──FlowAnalysis──> joins, liveness, relevance ──┐
//                                                          ├──> Exploration ──> VerifiedFacts (for the lowering)
//   RegisterState, Scalar (value domain) ──────────────────┘                 └─> VerifierException with the log
//
// Exploration walks all paths with abstract values, instruction by instruction, and stops a path when its state is covered by one
// that was walked before. It writes nothing down: when a program is refused it's walked once more with the log on, which
// costs the accepted ones nothing.

namespace Anneal.Ebpf.Verification;

/// <summary>Verifies programs. Immutable; may be used by several threads.</summary>
internal sealed class Verifier(VerifierOptions options) : IProgramVerifier
{
    public Verifier()
        : this(VerifierOptions.Default)
    {
    }

    /// <inheritdoc/>
    public VerifiedFacts Verify(EbpfProgram program, HelperTable helpers)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(helpers);
        if (options.LogSteps) return new Exploration(program, helpers, options, new VerifierLog(program, options.LogLines, firstStep: 0)).Run();
        long steps;
        try
        {
            return new Exploration(program, helpers, options, log: null).Run();
        }
        catch (RefusalException refusal)
        {
            steps = refusal.Steps;
        }

        // Again, with the log of the last steps: the walk is deterministic.
        var log = new VerifierLog(program, options.LogLines, Math.Max(0, steps - options.LogLines));
        return new Exploration(program, helpers, options, log).Run();
    }
}
