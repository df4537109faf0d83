// An object's programs in the Linux kernel, by raw system calls: its maps, loading, runs over a packet. Loading and running
// are what is timed.

using System.Diagnostics;
using System.Runtime.InteropServices;
using Anneal.Ebpf;

namespace Anneal.Bench.Ebpf;

/// <summary>The kernel's side of the comparison.</summary>
internal sealed unsafe partial class KernelObject : IDisposable
{
    private const int SystemCall = 321;
    private const int MapCreate = 0, MapUpdate = 2, ProgramLoad = 5, TestRun = 10;
    private const int Xdp = 6;
    private const int AttributeWords = 18;

    // What a test run may give back: the packet and what was put before it.
    private const int OutputBytes = 4096;

    private readonly int[] maps;
    private readonly List<int> programs = [];

    /// <summary>Makes the maps.</summary>
    /// <exception cref="BenchException">The kernel doesn't allow it.</exception>
    public KernelObject(IReadOnlyList<MapDefinition> definitions)
    {
        maps = new int[definitions.Count];
        ulong* attribute = stackalloc ulong[AttributeWords];
        for (int i = 0; i < maps.Length; i++)
        {
            new Span<ulong>(attribute, AttributeWords).Clear();
            int* fields = (int*)attribute;
            fields[0] = (int)definitions[i].Type;
            fields[1] = definitions[i].KeySize;
            fields[2] = definitions[i].ValueSize;
            fields[3] = definitions[i].MaxEntries;
            fields[4] = (int)definitions[i].Flags;
            maps[i] = Call(MapCreate, attribute, $"map {definitions[i].Name}");
        }
    }

    /// <summary>Why the kernel can't be measured here, or null.</summary>
    public static string? Unavailable()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return "no Linux on x64";
        try
        {
            using var kernel = new KernelObject([]);
            var program = new EbpfProgram("probe", ProgramTypes.Xdp, [new Instruction(0xB7, 0, 0, 0, 2), new Instruction(0x95, 0, 0, 0, 0)]);
            kernel.Run(kernel.Load(program, out _), new byte[64], 1, out _);
            return null;
        }
        catch (BenchException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>Makes or changes an entry.</summary>
    public void Update(int map, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            ulong* attribute = stackalloc ulong[AttributeWords];
            new Span<ulong>(attribute, AttributeWords).Clear();
            attribute[0] = (uint)maps[map];
            attribute[1] = (ulong)k;
            attribute[2] = (ulong)v;
            Call(MapUpdate, attribute, "a map's entry");
        }
    }

    /// <summary>Loads a program, which is freed with this.</summary>
    /// <returns>Its file descriptor.</returns>
    public int Load(EbpfProgram program, out double microseconds)
    {
        int file = Load(Relocate(program), program.Name, out microseconds);
        programs.Add(file);
        return file;
    }

    /// <summary>The best of some loads, each of which is undone.</summary>
    public double LoadTime(EbpfProgram program, int samples)
    {
        Instruction[] code = Relocate(program);
        double best = double.MaxValue;
        for (int i = 0; i < samples; i++)
        {
            _ = Close(Load(code, program.Name, out double time));
            best = Math.Min(best, time);
        }

        return best;
    }

    /// <summary>Runs a program over a copy of the packet, as often as said.</summary>
    /// <returns>Nanoseconds a run as the kernel tells them, whole ones: around the runs the call itself takes milliseconds.</returns>
    public double Run(int program, byte[] packet, int repeat, out uint result)
    {
        byte* output = stackalloc byte[OutputBytes];
        fixed (byte* data = packet)
        {
            ulong* attribute = stackalloc ulong[AttributeWords];
            new Span<ulong>(attribute, AttributeWords).Clear();
            int* fields = (int*)attribute;
            fields[0] = program;
            fields[2] = packet.Length;
            fields[3] = OutputBytes;
            attribute[2] = (ulong)data;
            attribute[3] = (ulong)output;
            fields[8] = repeat;
            Call(TestRun, attribute, "a test run");
            result = (uint)fields[1];
            return fields[9];
        }
    }

    public void Dispose()
    {
        foreach (int file in programs) _ = Close(file);
        foreach (int file in maps) _ = Close(file);
    }

    private static int Load(Instruction[] code, string name, out double microseconds)
    {
        fixed (Instruction* instructions = code)
        fixed (byte* license = "GPL\0"u8)
        {
            ulong* attribute = stackalloc ulong[AttributeWords];
            new Span<ulong>(attribute, AttributeWords).Clear();
            int* fields = (int*)attribute;
            fields[0] = Xdp;
            fields[1] = code.Length;
            attribute[1] = (ulong)instructions;
            attribute[2] = (ulong)license;
            long start = Stopwatch.GetTimestamp();
            int file = Call(ProgramLoad, attribute, $"program {name}");
            microseconds = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            return file;
        }
    }

    // Maps by file descriptor in place of their numbers.
    private Instruction[] Relocate(EbpfProgram program)
    {
        Instruction[] code = program.Instructions.ToArray();
        for (int slot = 0; slot < code.Length; slot += code[slot].Slots)
        {
            Instruction i = code[slot];
            if (i.IsWideImmediate && i.Source is 1 or 2) code[slot] = new Instruction(i.Opcode, i.Destination, i.Source, 0, maps[i.Immediate]);
        }

        return code;
    }

    private static int Call(int command, ulong* attribute, string what)
    {
        nint result = Call(SystemCall, command, attribute, AttributeWords * sizeof(ulong));
        return result >= 0 ? (int)result : throw new BenchException($"the kernel refuses {what}: error {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint command, void* attribute, nint size);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
