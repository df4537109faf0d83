// The Linux kernel's verifier as an oracle, by raw system calls: makes the test maps, loads a program, says what came of it. Needs the
// right to use bpf(2) (root, or CAP_BPF and company).

using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Anneal.Ebpf.Tests.Verification;

internal sealed unsafe partial class KernelVerifier : IDisposable
{
    private const int SystemCall = 321;
    private const int MapCreate = 0, MapUpdate = 2, ProgramLoad = 5, TypesLoad = 18, MapFreeze = 22;
    private const int FirstFunctionType = 3;
    private const int AttributeBytes = 144;
    private const int LogBytes = 1 << 22;
    private const int TryAgain = 11, AccessDenied = 13, BadAddress = 14, InvalidArgument = 22;

    private readonly int[] maps;

    public KernelVerifier()
        : this(TestMaps.All)
    {
    }

    public KernelVerifier(ImmutableArray<MapDefinition> definitions)
    {
        maps = new int[definitions.Length];
        for (int i = 0; i < maps.Length; i++) maps[i] = Create(definitions[i]);
    }

    /// <summary>Whether to do without the kernel's log, but for programs that it refuses.</summary>
    public bool Quiet { get; set; }

    /// <summary>Why the kernel can't be asked here, or null.</summary>
    public static string? Unavailable()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return "no Linux on x64";
        if (Environment.OSVersion.Version < new Version(6, 12)) return "a kernel older than 6.12";
        try
        {
            using var kernel = new KernelVerifier();
            EbpfProgram program = ProgramText.Assemble("probe", ProgramTypes.Xdp, "r0 = 0; exit");
            return kernel.Load(program, out string log) ? null : $"the bpf system call isn't allowed ({log})";
        }
        catch (InvalidOperationException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>Whether the kernel accepts the program. Its types are those that stand for ours.</summary>
    public bool Load(EbpfProgram program, out string log)
    {
        int file = Open(program, out log);
        if (file < 0) return false;
        _ = Close(file);
        return true;
    }

    /// <summary>Loads a program; its file, which the caller closes, or -1 with the kernel's log.</summary>
    private int Open(EbpfProgram program, out string log)
    {
        Instruction[] code = program.Instructions.ToArray();
        for (int slot = 0; slot < code.Length; slot += code[slot].Slots)
        {
            Instruction i = code[slot];
            if (!i.IsWideImmediate || i.Source is not (1 or 2)) continue;
            code[slot] = new Instruction(i.Opcode, i.Destination, i.Source, 0, maps[i.Immediate]);
            if (i.Source == 2) code[slot + 1] = new Instruction(0, 0, 0, 0, code[slot + 1].Immediate);
        }

        int type = program.Type.Name switch { "xdp" => 6, "sched_cls" => 3, "socket" => 1, "cgroup_skb" => 8, "tracing" => 17, _ => -1 };
        if (type < 0) throw new NotSupportedException($"no kernel program type for {program.Type.Name}");
        log = "";
        if (!Quiet) return Open(program, type, code, out log);

        // The log costs much more than the verification, so it's written for those that are refused only, and not for too complex ones (error 7).
        int file = Open(program, type, code, null, out int error);
        if (file < 0 && error != InvalidArgument && error != BadAddress && error != AccessDenied) log = $"error {error}";
        else if (file < 0) file = Open(program, type, code, out log);
        return file;
    }

    private int Open(EbpfProgram program, int type, Instruction[] code, out string log)
    {
        byte* text = (byte*)NativeMemory.AllocZeroed(LogBytes);
        try
        {
            int file = Open(program, type, code, text, out int error);
            log = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
            if (file < 0 && log.Length == 0) log = $"error {error}";
            return file;
        }
        finally
        {
            NativeMemory.Free(text);
        }
    }

    private static int Open(EbpfProgram program, int type, Instruction[] code, byte* log, out int error)
    {
        fixed (Instruction* instructions = code)
        fixed (byte* license = "GPL\0"u8)
        {
            byte* attribute = stackalloc byte[AttributeBytes];
            new Span<byte>(attribute, AttributeBytes).Clear();
            *(int*)attribute = type;
            *(int*)(attribute + 4) = code.Length;
            *(nint*)(attribute + 8) = (nint)instructions;
            *(nint*)(attribute + 16) = (nint)license;
            if (log != null)
            {
                *(int*)(attribute + 24) = 1;
                *(int*)(attribute + 28) = LogBytes;
                *(nint*)(attribute + 32) = (nint)log;
            }

            int btf = program.Subprograms.Length > 1 ? LoadTypes(program.Subprograms.Length) : -1;
            int* functions = stackalloc int[program.Subprograms.Length * 2];
            if (btf >= 0)
            {
                // func_info: first instruction and type of each function.
                for (int s = 0; s < program.Subprograms.Length; s++)
                {
                    functions[s * 2] = program.Subprograms[s].Start;
                    functions[(s * 2) + 1] = FirstFunctionType + s;
                }

                *(int*)(attribute + 72) = btf;
                *(int*)(attribute + 76) = 8;
                *(nint*)(attribute + 80) = (nint)functions;
                *(int*)(attribute + 88) = program.Subprograms.Length;
            }

            // A signal, which the runtime sends its threads, ends the verifier's work.
            int result, tries = 0;
            do
            {
                result = (int)Call(SystemCall, ProgramLoad, attribute, AttributeBytes);
                error = Marshal.GetLastPInvokeError();
            }
            while (result < 0 && error == TryAgain && ++tries < 5);
            if (btf >= 0) _ = Close(btf);
            return result;
        }
    }

    public void Dispose()
    {
        foreach (int map in maps) _ = Close(map);
    }

    private static int Create(MapDefinition map)
    {
        int inner = map.InnerMap is { } definition ? Create(definition) : 0;
        Span<byte> attribute = stackalloc byte[AttributeBytes];
        attribute.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(attribute, (int)map.Type);
        BinaryPrimitives.WriteInt32LittleEndian(attribute[4..], map.KeySize);
        BinaryPrimitives.WriteInt32LittleEndian(attribute[8..], map.ValueSize);
        BinaryPrimitives.WriteInt32LittleEndian(attribute[12..], map.MaxEntries);
        BinaryPrimitives.WriteInt32LittleEndian(attribute[16..], (int)map.Flags);
        BinaryPrimitives.WriteInt32LittleEndian(attribute[20..], inner);
        int created = Invoke(MapCreate, attribute);
        if (inner > 0) _ = Close(inner);
        if (created < 0) throw new InvalidOperationException($"the bpf system call isn't allowed: map {map.Name}: error {Marshal.GetLastPInvokeError()}");
        if (map.IsFrozen) Freeze(created, map);
        return created;
    }

    private static void Freeze(int file, MapDefinition map)
    {
        byte[] value = new byte[map.ValueSize];
        map.InitialValue.Span.CopyTo(value);
        int key = 0;
        fixed (byte* bytes = value)
        {
            Span<byte> attribute = stackalloc byte[AttributeBytes];
            attribute.Clear();
            BinaryPrimitives.WriteInt32LittleEndian(attribute, file);
            BinaryPrimitives.WriteInt64LittleEndian(attribute[8..], (nint)(&key));
            BinaryPrimitives.WriteInt64LittleEndian(attribute[16..], (nint)bytes);
            int updated = Invoke(MapUpdate, attribute);
            attribute.Clear();
            BinaryPrimitives.WriteInt32LittleEndian(attribute, file);
            if (updated < 0 || Invoke(MapFreeze, attribute) < 0) throw new InvalidOperationException($"map {map.Name} can't be frozen: error {Marshal.GetLastPInvokeError()}");
        }
    }

    // Types for as many functions: int (1), int(void) (2), then a function each. Helpers only call back functions that have one.
    private static int LoadTypes(int functions)
    {
        byte[] strings = "\0int\0f\0"u8.ToArray();
        var types = new List<int> { 1, 1 << 24, 4, (1 << 24) | 32, 0, 13 << 24, 1 };
        for (int i = 0; i < functions; i++) types.AddRange([5, 12 << 24, 2]);
        byte[] blob = new byte[24 + (types.Count * 4) + strings.Length];
        int[] header = [0x0001_EB9F, 24, 0, types.Count * 4, types.Count * 4, strings.Length];
        MemoryMarshal.AsBytes<int>(header).CopyTo(blob);
        MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(types)).CopyTo(blob.AsSpan(24));
        strings.CopyTo(blob, 24 + (types.Count * 4));
        fixed (byte* bytes = blob)
        {
            Span<byte> attribute = stackalloc byte[AttributeBytes];
            attribute.Clear();
            BinaryPrimitives.WriteInt64LittleEndian(attribute, (nint)bytes);
            BinaryPrimitives.WriteInt32LittleEndian(attribute[16..], blob.Length);
            int loaded = Invoke(TypesLoad, attribute);
            return loaded >= 0 ? loaded : throw new InvalidOperationException($"the types are refused: error {Marshal.GetLastPInvokeError()}");
        }
    }

    private static int Invoke(int command, Span<byte> attribute)
    {
        fixed (byte* bytes = attribute) return (int)Call(SystemCall, command, bytes, AttributeBytes);
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint command, void* attribute, nint size);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
