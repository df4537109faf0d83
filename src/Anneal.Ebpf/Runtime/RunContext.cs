// All that one run of a program has of its own: the execution, the context block, a sandboxed program's stack and sections, a
// copy of the packet where the program may move its ends. Taken from the runtime's pool for a run; nothing is allocated in a
// run that does nothing out of the ordinary. Used by one thread at a time.
//
// The block of unmanaged memory:
//
//     0       the context (ContextLayout.HostSize bytes)
//     1024    the stack of a sandboxed program: 8 frames
//     then    keys of array elements that callbacks are given
//     then    the words that emitted code reads (RunWords)

using System.Runtime.InteropServices;
using Anneal.Ebpf.Lowering;
using Anneal.Runtime;

namespace Anneal.Ebpf.Runtime;

/// <summary>The state of one run.</summary>
internal sealed unsafe partial class RunContext : IDisposable
{
    private const int MaxFrames = 8;
    private const int MaxContextBytes = ContextLayout.MaxBytes;
    private const int StackBytes = MaxFrames * FunctionLowering.SandboxFrameBytes;
    private const int MaxCallbackDepth = 8;
    private const int KeyBytes = MaxCallbackDepth * sizeof(ulong);
    private readonly Engine engine;
    private byte* block;
    private readonly RunWords* words;
    private LoadedProgram? program;
    private LoadedProgram? sectionsOf;
    private CancellationTokenRegistration interruption;
    private long activeSince;
    private int reachedMaps;
    private bool isTimed;
    private readonly List<EbpfMap> maps = [];

    public RunContext(EbpfRuntime runtime, int processor)
    {
        Runtime = runtime;
        engine = runtime.Engine;
        Processor = processor;
        Execution = engine.Lease();
        block = (byte*)NativeMemory.AllocZeroed((nuint)(MaxContextBytes + StackBytes + KeyBytes + sizeof(RunWords)));
        words = (RunWords*)(block + MaxContextBytes + StackBytes + KeyBytes);
        words->Processor = (uint)processor;
        Execution.State->ThreadPointer = (byte*)words;
        random = runtime.NextSeed();
        runtime.MapSpace.Retirement.Add(this);
    }

    ~RunContext() => Free();

    public EbpfRuntime Runtime { get; }

    /// <summary>The processor whose values of per-processor maps the run uses: no other run has it as long as there are no more runs than processors.</summary>
    public int Processor { get; }

    public Execution Execution { get; }

    /// <summary>The sections of a sandboxed program.</summary>
    public SectionTable Sections { get; } = new();

    /// <summary>
    /// The program that runs. After a tail call of verified programs it's still the one before: type and mode are the same.
    /// </summary>
    public LoadedProgram Program => program!;

    /// <summary>The epoch in which the run began, see <see cref="Retirement"/>; 0 while there's none.</summary>
    public long ActiveSince => Volatile.Read(ref activeSince);

    /// <summary>The context block.</summary>
    public byte* Context => block;

    /// <summary>An address for memory of no bytes.</summary>
    public ulong AnyAddress => (ulong)block;

    /// <summary>Lets a token stop the runs until <see cref="Unhook"/>.</summary>
    public void StopOn(CancellationToken cancellation)
    {
        Execution.Cancellation = cancellation;
        interruption = cancellation.UnsafeRegister(static execution => ((Execution)execution!).Interrupt(), Execution);
    }

    /// <summary>Ends <see cref="StopOn"/>: waits for the token's callback, if that is running.</summary>
    public void Unhook()
    {
        if (!Execution.Cancellation.CanBeCanceled) return;
        interruption.Dispose();
        interruption = default;
        Execution.Cancellation = default;
    }

    /// <summary>Prepares a run of a program over memory that doesn't move meanwhile, and gives back the window for its arguments.</summary>
    public ulong* Begin(LoadedProgram first, byte* data, int length, long fuel)
    {
        program = first;
        words->TailCalls = 0;
        Volatile.Write(ref activeSince, Runtime.MapSpace.Retirement.Epoch);
        Execution.Guest = this;
        Execution.State->Fuel = fuel;
        if (Runtime.Options.TimeLimit is { } limit) StartTimer(limit);
        ulong* window = Execution.State->NestedWindow;
        SetPacket(data, length);
        if (first.IsSandboxed) BeginSandbox(first, window);
        else BeginVerified(first, window);
        return window;
    }

    /// <summary>Ends a run: lets go of everything that it referred to.</summary>
    public void End()
    {
        if (isTimed) StopTimer();
        Execution.Guest = null;
        Execution.Sections = null;
        if (program is { IsSandboxed: true } && words->TailCalls != 0) sectionsOf = null;
        if (reachedMaps != 0)
        {
            maps.RemoveRange(maps.Count - reachedMaps, reachedMaps);
            reachedMaps = 0;
            sectionsOf = null;
        }

        EndReservations();
        callbackDepth = 0;
        program = prober = null;
        Volatile.Write(ref activeSince, 0);
    }

    /// <summary>The map that a value of a sandboxed program stands for; null if it's none that it may use.</summary>
    public EbpfMap? FindMap(ulong handle)
    {
        int number = GuestAddresses.NumberOf(handle);
        if (number == 0) return null;
        foreach (EbpfMap map in maps)
        {
            if (map.Number == number) return map;
        }

        return null;
    }

    /// <summary>Lets a sandboxed program use a map that it found in another one; the value that stands for it.</summary>
    public ulong Reach(EbpfMap map)
    {
        ulong handle = GuestAddresses.HandleOf(map.Number);
        if (FindMap(handle) is null)
        {
            maps.Add(map);
            reachedMaps++;
            AddSections(map);
        }

        return handle;
    }

    /// <summary>Goes on with another program in place of the running one; false if there have been too many tail calls.</summary>
    public bool TailCall(LoadedProgram target)
    {
        if (words->TailCalls == RunWords.MaxTailCalls || target.IsSandboxed != Program.IsSandboxed || target.Type != Program.Type) return false;
        words->TailCalls++;
        program = target;
        if (target.IsSandboxed)
        {
            foreach (EbpfMap map in target.Maps) Reach(map);
        }

        return true;
    }

    public void Dispose()
    {
        Runtime.MapSpace.Retirement.Remove(this);
        Execution.State->ThreadPointer = null;
        engine.Return(Execution);
        Free();
        GC.SuppressFinalize(this);
    }

    private void StartTimer(TimeSpan limit)
    {
        Deadline deadline = Execution.DeadlineOn(engine.Deadlines);
        deadline.Timeout = limit;
        isTimed = true;
        deadline.Arm(Deadline.After(limit));
    }

    private void StopTimer()
    {
        isTimed = false;
        Execution.Deadline!.Disarm();
    }

    private void BeginVerified(LoadedProgram first, ulong* window)
    {
        window[0] = first.Type.Context is null ? 0 : (ulong)block;
        window[1] = window[2] = window[3] = window[4] = 0;
    }

    private void BeginSandbox(LoadedProgram first, ulong* window)
    {
        if (sectionsOf != first)
        {
            Sections.Clear(Execution);
            maps.Clear();
            maps.AddRange(first.Maps);
            packetSection = default;
            foreach (EbpfMap map in maps) AddSections(map);
            Sections.Add(new Section(GuestAddresses.Stack, StackBytes, (nint)(block + MaxContextBytes), IsWritable: true));
            Sections.Add(new Section(GuestAddresses.Keys, KeyBytes, (nint)(block + MaxContextBytes + StackBytes), IsWritable: false));
            if (first.Program.Type.Context is { } layout)
                Sections.Add(new Section(GuestAddresses.Context, (ulong)layout.Size, (nint)block, first.HasWritableContext));
            sectionsOf = first;
        }

        int used = first.Program.Subprograms.Length > 1 ? StackBytes : FunctionLowering.SandboxFrameBytes;
        new Span<byte>(block + MaxContextBytes + StackBytes - used, used).Clear();
        Execution.Sections = Sections;
        PublishPacket();
        bool isMemory = first.Program.Type.Context is null;
        window[0] = isMemory ? GuestAddresses.Packet : GuestAddresses.Context;
        window[1] = isMemory ? (ulong)(dataEnd - data) : 0;
        window[2] = window[3] = window[4] = 0;
        window[Slots.FramePointer] = GuestAddresses.Stack + StackBytes;
    }

    private void AddSections(EbpfMap map)
    {
        ulong lower = GuestAddresses.OfMap(map.Number);
        bool writable = (map.Definition.Flags & Anneal.Ebpf.MapFlags.ProgramReadOnly) == 0;
        if (map.ValueMemory is { } values) AddOnce(new Section(lower, (ulong)values.Bytes, (nint)values.Start, writable));
        if (map.KeyMemory is { } keys) AddOnce(new Section(lower + (GuestAddresses.MapBytes / 2), (ulong)keys.Bytes, (nint)keys.Start, IsWritable: false));
    }

    // A program may name a map twice.
    private void AddOnce(in Section section)
    {
        if (!Sections.Contains(section.Lower)) Sections.Add(section);
    }

    private void Free()
    {
        if (block == null) return;
        NativeMemory.Free(block);
        if (packetBuffer != null) NativeMemory.Free(packetBuffer);
        block = packetBuffer = null;
    }
}
