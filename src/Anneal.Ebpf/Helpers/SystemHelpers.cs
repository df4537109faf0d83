// Helpers about time, the processor, the process; and text.

using System.Diagnostics;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>Time, processor, process, text.</summary>
internal static unsafe class SystemHelpers
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const ulong NanosecondsPerJiffy = 4_000_000;

    public static ulong Time(RunContext run, EbpfMap? map, ulong* a) => Stopwatch.Frequency == NanosecondsPerSecond
        ? (ulong)Stopwatch.GetTimestamp()
        : (ulong)(Stopwatch.GetTimestamp() * (Int128)NanosecondsPerSecond / Stopwatch.Frequency);

    public static ulong AtomicTime(RunContext run, EbpfMap? map, ulong* a)
    {
        const long LeapSeconds = 37;
        return (ulong)(((DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) * 100) + (LeapSeconds * NanosecondsPerSecond));
    }

    public static ulong Jiffies(RunContext run, EbpfMap? map, ulong* a) => Time(run, map, a) / NanosecondsPerJiffy;

    public static ulong Random(RunContext run, EbpfMap? map, ulong* a) => run.NextRandom();

    public static ulong ProcessorId(RunContext run, EbpfMap? map, ulong* a) => (ulong)run.Processor;

    public static ulong NumaNode(RunContext run, EbpfMap? map, ulong* a) => 0;

    public static ulong ProcessId(RunContext run, EbpfMap? map, ulong* a) =>
        ((ulong)(uint)Environment.ProcessId << 32) | (uint)Environment.CurrentManagedThreadId;

    // Nobody's number: programs here run for the host process, whatever user that is.
    public static ulong UserId(RunContext run, EbpfMap? map, ulong* a) => 0;

    public static ulong Command(RunContext run, EbpfMap? map, ulong* a)
    {
        const int MaxCommand = 15;
        var target = new Span<byte>((void*)a[0], (int)Math.Min(a[1], int.MaxValue));
        target.Clear();
        ReadOnlySpan<byte> name = run.Runtime.Command;
        name[..Math.Min(Math.Min(name.Length, MaxCommand), target.Length - 1)].CopyTo(target);
        return 0;
    }

    public static ulong Compare(RunContext run, EbpfMap? map, ulong* a)
    {
        var first = new ReadOnlySpan<byte>((void*)a[0], (int)a[1]);
        ReadOnlySpan<byte> second = TextAt(a[2]);
        for (int i = 0; i < first.Length; i++)
        {
            int other = i < second.Length ? second[i] : 0;
            if (first[i] != other) return first[i] < other ? unchecked((ulong)-1L) : 1;
            if (other == 0) break;
        }

        return 0;
    }

    public static ulong ParseLong(RunContext run, EbpfMap? map, ulong* a)
    {
        long used = NumberText.Parse(TextOf(a), a[2], out bool negative, out ulong magnitude);
        if (used < 0) return (ulong)used;
        if (magnitude > (negative ? 1ul << 63 : long.MaxValue)) return unchecked((ulong)MapError.Range);
        *(long*)a[3] = negative ? unchecked(-(long)magnitude) : (long)magnitude;
        return (ulong)used;
    }

    public static ulong ParseUnsigned(RunContext run, EbpfMap? map, ulong* a)
    {
        long used = NumberText.Parse(TextOf(a), a[2], out bool negative, out ulong magnitude);
        if (used < 0) return (ulong)used;
        if (negative) return unchecked((ulong)MapError.Invalid);
        *(ulong*)a[3] = magnitude;
        return (ulong)used;
    }

    private static ReadOnlySpan<byte> TextOf(ulong* a) => new((void*)a[0], (int)a[1]);

    private static ReadOnlySpan<byte> TextAt(ulong address) =>
        System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)address);
}
