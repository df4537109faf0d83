// The helpers that work on maps.

using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;
using Anneal.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>Map operations.</summary>
internal static unsafe class MapHelpers
{
    private const ulong MaxLoops = 1 << 23;

    public static ulong Lookup(RunContext run, EbpfMap? map, ulong* a)
    {
        if (map is not MapOfMaps outer) return (ulong)map!.Lookup((byte*)a[1], run.Processor);
        return outer.Find((byte*)a[1]) is { } inner ? inner.Handle : 0;
    }

    public static ulong LookupPerProcessor(RunContext run, EbpfMap? map, ulong* a) =>
        a[2] < (ulong)map!.Processors ? (ulong)map.Lookup((byte*)a[1], (int)a[2]) : 0;

    public static ulong Update(RunContext run, EbpfMap? map, ulong* a) =>
        (ulong)map!.Update((byte*)a[1], (byte*)a[2], a[3], run.Processor);

    public static ulong Delete(RunContext run, EbpfMap? map, ulong* a) => 
        (map!.Definition.Flags & MapFlags.ProgramReadOnly) != 0 ? unchecked((ulong)MapError.NotPermitted) : (ulong)map.Delete((byte*)a[1]);

    public static ulong Push(RunContext run, EbpfMap? map, ulong* a) =>
        (ulong)((QueueMap)map!).Push(new ReadOnlySpan<byte>((void*)a[1], map!.ValueSize), a[2]);

    public static ulong Pop(RunContext run, EbpfMap? map, ulong* a) =>
        (ulong)((QueueMap)map!).Take(new Span<byte>((void*)a[1], map!.ValueSize), removes: true);

    public static ulong PeekElement(RunContext run, EbpfMap? map, ulong* a) =>
        (ulong)((QueueMap)map!).Take(new Span<byte>((void*)a[1], map!.ValueSize), removes: false);

    /// <summary>The function reference to go on with; 0 if there's none.</summary>
    public static ulong TailCall(RunContext run, EbpfMap? map, ulong* a)
    {
        LoadedProgram? target = ((ProgramArray)map!).Find((uint)a[2]);
        return target is not null && run.TailCall(target) ? (ulong)target.ReferenceOf(0) : 0;
    }

    public static ulong ForEach(RunContext run, EbpfMap? map, ulong* a) => a[3] != 0
        ? unchecked((ulong)MapError.Invalid)
        : (ulong)run.ForEach(map!, (FunctionReference*)a[1], a[HelperPrototype.MaxArguments], a[2]);

    public static ulong Loop(RunContext run, EbpfMap? map, ulong* a)
    {
        ulong count = (uint)a[0], framePointer = a[HelperPrototype.MaxArguments], context = a[2];
        var function = (FunctionReference*)a[1];
        if (a[3] != 0) return unchecked((ulong)MapError.Invalid);
        if (count > MaxLoops) return unchecked((ulong)MapError.TooBig);
        for (ulong i = 0; i < count; i++)
        {
            if (run.Call(function, framePointer, i, context) != 0) return i + 1;
        }

        return count;
    }

    public static ulong RingOutput(RunContext run, EbpfMap? map, ulong* a)
    {
        if ((a[3] & ~3ul) != 0) return unchecked((ulong)MapError.Invalid);
        return ((RingBuffer)map!).Output((byte*)a[1], a[2]) ? 0 : unchecked((ulong)MapError.Again);
    }

    public static ulong RingReserve(RunContext run, EbpfMap? map, ulong* a)
    {
        if (a[2] != 0 || a[1] > int.MaxValue) return 0;
        byte* record = ((RingBuffer)map!).Reserve(a[1]);
        if (record != null) run.NoteReserved((ulong)record, map);
        return (ulong)record;
    }

    public static ulong RingSubmit(RunContext run, EbpfMap? map, ulong* a)
    {
        if (run.TakeReserved(a[0]) is RingBuffer ring) ring.Submit((byte*)a[0]);
        return 0;
    }

    public static ulong RingDiscard(RunContext run, EbpfMap? map, ulong* a)
    {
        run.TakeReserved(a[0])?.Discard((byte*)a[0]);
        return 0;
    }

    public static ulong RingQuery(RunContext run, EbpfMap? map, ulong* a)
    {
        var ring = (RingBuffer)map!;
        return a[1] switch
        {
            0 => ring.Used,
            1 => (ulong)ring.MaxEntries,
            2 => ring.Positions.Consumed,
            3 => ring.Positions.Produced,
            _ => 0,
        };
    }
}
