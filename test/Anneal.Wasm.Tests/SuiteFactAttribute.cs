// A fact about the conformance scripts: skipped, saying so, where they are absent.

using Xunit;

namespace Anneal.Wasm.Tests;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class SuiteFactAttribute : FactAttribute
{
    public SuiteFactAttribute() => Skip = TestSuite.Folder is null ? TestSuite.Absent : null;
}
