using Anneal.Ebpf.Tests.Conformance;
using Xunit;

namespace Anneal.Cli.Tests;

/// <summary>A theory over the public conformance vectors, which aren't part of the repository.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ConformanceTheoryAttribute : TheoryAttribute
{
    public ConformanceTheoryAttribute()
    {
        if (ConformanceVector.Folder is null) Skip = "the folder shared/bpf-conformance isn't beside the repository";
    }
}
