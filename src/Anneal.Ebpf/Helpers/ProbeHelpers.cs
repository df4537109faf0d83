// Helpers that follow addresses: printing by a format, and reading what lies at an address. What can be read is what the run owns
// (RunContext.Readable); an address of anything else is as one that isn't mapped is to the kernel.

using System.Text;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>Printing and probing.</summary>
internal static unsafe class ProbeHelpers
{
    private const int FirstBytes = 512;

    public static ulong Print(RunContext run, EbpfMap? map, ulong* a)
    {
        ulong* values = stackalloc ulong[3] { a[2], a[3], a[4] };
        return PrintLine(run, new ReadOnlySpan<byte>((void*)a[0], (int)a[1]), new ReadOnlySpan<ulong>(values, 3));
    }

    public static ulong PrintMany(RunContext run, EbpfMap? map, ulong* a)
    {
        if (a[3] % sizeof(ulong) != 0) return unchecked((ulong)MapError.Invalid);
        return PrintLine(run, new ReadOnlySpan<byte>((void*)a[0], (int)a[1]), new ReadOnlySpan<ulong>((void*)a[2], (int)(a[3] / sizeof(ulong))));
    }

    /// <summary>Formats into memory; the bytes that the whole text takes, its end included.</summary>
    public static ulong Format(RunContext run, EbpfMap? map, ulong* a)
    {
        if (a[4] % sizeof(ulong) != 0) return unchecked((ulong)MapError.Invalid);
        var values = new ReadOnlySpan<ulong>((void*)a[3], (int)(a[4] / sizeof(ulong)));
        var text = new TextBuffer(stackalloc byte[FirstBytes]);
        ReadOnlySpan<byte> format = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)a[2]);
        if (!TextFormat.TryFormat(run, format, values, ref text)) return unchecked((ulong)MapError.Invalid);
        var target = new Span<byte>((void*)a[0], (int)a[1]);
        if (target.Length != 0)
        {
            int count = Math.Min(text.Written.Length, target.Length - 1);
            text.Written[..count].CopyTo(target);
            target[count] = 0;
        }

        return (ulong)text.Written.Length + 1;
    }

    /// <summary>Copies bytes from an address; zeros, and an error, if the program doesn't own all of them.</summary>
    public static ulong Read(RunContext run, EbpfMap? map, ulong* a)
    {
        var target = new Span<byte>((void*)a[0], (int)a[1]);
        ReadOnlySpan<byte> source = run.ReadableAt(a[2], run.StackBytesOf(0));
        if (source.Length < target.Length)
        {
            target.Clear();
            return unchecked((ulong)MapError.Fault);
        }

        source[..target.Length].CopyTo(target);
        return 0;
    }

    /// <summary>Copies a text from an address, cut to the memory's size; the bytes with its end. Zeros, and an error, if the program doesn't own all of them.</summary>
    public static ulong ReadText(RunContext run, EbpfMap? map, ulong* a)
    {
        var target = new Span<byte>((void*)a[0], (int)a[1]);
        if (target.IsEmpty) return 0;
        ReadOnlySpan<byte> source = run.ReadableAt(a[2], run.StackBytesOf(0));
        if (source.Length > target.Length) source = source[..target.Length];
        int end = source.IndexOf((byte)0);
        if (end < 0 && source.Length < target.Length)
        {
            target.Clear();
            return unchecked((ulong)MapError.Fault);
        }

        int count = end < 0 ? target.Length - 1 : end;
        source[..count].CopyTo(target);
        target[count] = 0;
        return (ulong)count + 1;
    }

    private static ulong PrintLine(RunContext run, ReadOnlySpan<byte> format, ReadOnlySpan<ulong> values)
    {
        int end = format.IndexOf((byte)0);
        if (end < 0) return unchecked((ulong)MapError.Invalid);
        var text = new TextBuffer(stackalloc byte[FirstBytes]);
        if (!TextFormat.TryFormat(run, format[..end], values, ref text)) return unchecked((ulong)MapError.Invalid);
        run.Runtime.Options.Print?.Invoke(Encoding.UTF8.GetString(text.Written).TrimEnd('\n'));
        return (ulong)text.Written.Length;
    }
}
