namespace Anneal.Ebpf.Helpers;

/// <summary>What stands for a subprogram in a register of a sandboxed program.</summary>
internal static class Callbacks
{
    private const ulong Tag = 0x4342_0000_0000_0000;

    /// <summary>The value for subprogram <paramref name="index"/>.</summary>
    public static ulong HandleOf(int index) => Tag | (uint)index;

    /// <summary>The subprogram that a value stands for; -1 if none.</summary>
    public static int IndexOf(ulong handle, int count) => (handle & ~0xFFFF_FFFFul) == Tag && (uint)handle < (uint)count ? (int)(uint)handle : -1;
}
