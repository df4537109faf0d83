using Xunit;

namespace Anneal.Ebpf.Tests.Verification;

/// <summary>A test that asks the kernel, skipped with the reason where it can't be asked.</summary>
internal sealed class KernelFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Reason = new(KernelVerifier.Unavailable);

    public KernelFactAttribute() => Skip = Reason.Value!;
}
