// A theory over the conformance scripts: skipped, saying so, where they are absent.

using Xunit;

namespace Anneal.Wasm.Tests;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class SuiteTheoryAttribute : TheoryAttribute
{
    public SuiteTheoryAttribute() => Skip = TestSuite.Folder is null ? TestSuite.Absent : null;
}
