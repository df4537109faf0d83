// Which extensions code may use. An instance, so that tests and cross-compiling hosts can pretend to be another processor;
// the runtime's own detection is asked rather than cpuid because it also knows what the operating system saves at a
// context switch, and honours the switches that users turn features off with.

using System.Runtime.InteropServices;

namespace Anneal.Assembler;

/// <summary>The instruction set extensions of a processor.</summary>
internal sealed record X64Features
{
    /// <summary>No more than every x86-64 processor has.</summary>
    public static X64Features None { get; } = new();

    public bool Sse3 { get; init; }

    public bool Ssse3 { get; init; }

    public bool Sse41 { get; init; }

    public bool Sse42 { get; init; }

    public bool Popcnt { get; init; }

    public bool Lzcnt { get; init; }

    public bool Bmi1 { get; init; }

    public bool Bmi2 { get; init; }

    public bool Avx { get; init; }

    public bool Avx2 { get; init; }

    public bool Fma { get; init; }

    /// <summary>x86-64-v2 as far as emitted code takes it for granted.</summary>
    public bool IsBaselineV2 => Sse3 && Ssse3 && Sse41 && Sse42 && Popcnt;

    /// <summary>Of x86-64-v3: scalar and 256-bit AVX, FMA and bit manipulation.</summary>
    public bool IsBaselineV3 => IsBaselineV2 && Avx && Avx2 && Fma && Bmi1 && Bmi2 && Lzcnt;

    /// <summary>What this process may use; <see cref="None"/> if it doesn't run on x86-64.</summary>
    public static X64Features Detect()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return None;
        return new X64Features
        {
            Sse3 = System.Runtime.Intrinsics.X86.Sse3.IsSupported,
            Ssse3 = System.Runtime.Intrinsics.X86.Ssse3.IsSupported,
            Sse41 = System.Runtime.Intrinsics.X86.Sse41.IsSupported,
            Sse42 = System.Runtime.Intrinsics.X86.Sse42.X64.IsSupported,
            Popcnt = System.Runtime.Intrinsics.X86.Popcnt.X64.IsSupported,
            Lzcnt = System.Runtime.Intrinsics.X86.Lzcnt.X64.IsSupported,
            Bmi1 = System.Runtime.Intrinsics.X86.Bmi1.X64.IsSupported,
            Bmi2 = System.Runtime.Intrinsics.X86.Bmi2.X64.IsSupported,
            Avx = System.Runtime.Intrinsics.X86.Avx.IsSupported,
            Avx2 = System.Runtime.Intrinsics.X86.Avx2.IsSupported,
            Fma = System.Runtime.Intrinsics.X86.Fma.IsSupported,
        };
    }
}
