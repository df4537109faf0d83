// The guest's clocks: the system's, read without a kernel entry, or a host's TimeProvider for the two that tell time.

using System.Runtime.CompilerServices;
using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi;

/// <summary>Reads the clocks of WASI in nanoseconds.</summary>
/// <param name="provider">The host's clock; null for the system's.</param>
internal sealed unsafe class WasiClocks(TimeProvider? provider)
{
    /// <summary>The host's clock, if it replaced the system's.</summary>
    public TimeProvider? Provider => provider;

    /// <summary>The time of a clock; `inval` for one that doesn't exist.</summary>
    public WasiErrno Time(WasiClock clock, out ulong nanoseconds)
    {
        nanoseconds = 0;
        if (clock > WasiClock.ThreadCpu) return WasiErrno.Invalid;
        if (provider is not null && clock == WasiClock.Realtime)
        {
            long ticks = (provider.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
            nanoseconds = ticks < 0 ? 0 : (ulong)ticks * (ulong)TimeSpan.NanosecondsPerTick;
            return WasiErrno.Success;
        }
        if (provider is not null && clock == WasiClock.Monotonic)
        {
            nanoseconds = Monotonic(provider);
            return WasiErrno.Success;
        }
        // WASI and Linux number the four clocks alike.
        TimeSpec now;
        if (Libc.ClockTime((int)clock, &now) != 0) return WasiErrno.NotSupported;
        nanoseconds = now.ToNanoseconds();
        return WasiErrno.Success;
    }

    // Apart, because methods with Int128 in them aren't precompiled.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Monotonic(TimeProvider provider)
    {
        Int128 time = (Int128)provider.GetTimestamp() * TimeSpec.Billion / provider.TimestampFrequency;
        return time < 0 ? 0 : (ulong)time;
    }

    /// <summary>The resolution of a clock, never 0; `inval` for one that doesn't exist.</summary>
    public WasiErrno Resolution(WasiClock clock, out ulong nanoseconds)
    {
        nanoseconds = 0;
        if (clock > WasiClock.ThreadCpu) return WasiErrno.Invalid;
        if (provider is not null && clock <= WasiClock.Monotonic)
        {
            nanoseconds = clock == WasiClock.Realtime
                ? (ulong)TimeSpan.NanosecondsPerTick
                : Math.Max(1, (ulong)TimeSpec.Billion / (ulong)provider.TimestampFrequency);
            return WasiErrno.Success;
        }
        TimeSpec resolution;
        if (Libc.ClockResolution((int)clock, &resolution) != 0) return WasiErrno.NotSupported;
        nanoseconds = Math.Max(1, resolution.ToNanoseconds());
        return WasiErrno.Success;
    }
}
