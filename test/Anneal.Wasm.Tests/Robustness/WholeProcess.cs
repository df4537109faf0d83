using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

/// <summary>Tests that measure or strain the whole process: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WholeProcess
{
    public const string Name = "whole process";
}
