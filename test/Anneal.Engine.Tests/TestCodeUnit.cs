// A code unit made of hand-written bodies, so that bytecode runs without any guest.

using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Tests;

internal sealed class TestCodeUnit(InstanceCounts counts, params FunctionBody[] functions) : CodeUnit(new InstanceLayout(counts))
{
    public override string? Name => "test";

    public static TestCodeUnit Of(params FunctionBody[] functions) => new(Counts(functions.Length), functions);

    public static InstanceCounts Counts(int functions, int imported = 0, int globals = 0, int memories = 0, int tables = 0, int data = 0, int elements = 0) =>
        new(imported, imported + functions, 0, globals, memories, tables, data, elements, 0);

    public override string? FunctionName(int function) => $"f{function}";

    protected override FunctionBody Lower(int function) => functions[function - Layout.Counts.ImportedFunctions];
}
