// Carries scripts out in an engine: the conformance tests and `anneal wast` call it. Each script has a world of its own (a
// store, the module "spectest", names); see WastRun.

namespace Anneal.Wasm.Text;

internal sealed class WastRunner(Engine engine)
{
    /// <summary>Carries a script out, every command of it, whatever the earlier ones did.</summary>
    /// <param name="script">The script.</param>
    /// <param name="failures">Where each failure is written, one a line, after the script's name and line; null for nowhere.</param>
    /// <param name="cancellation">Stops guests that run on and on; what they were called by fails then.</param>
    public WastSummary Run(WastScript script, TextWriter? failures, CancellationToken cancellation = default)
    {
        using var run = new WastRun(engine, script.FileName, failures, cancellation);
        foreach (WastCommand command in script.Commands)
            run.CarryOut(command);
        return run.Summary;
    }
}
