// A program that can run: its code unit, the engine's instance, its maps. Thread-safe: each run has its own RunContext.

using System.Collections.Immutable;
using Anneal.Ebpf.Helpers;
using Anneal.Ebpf.Lowering;
using Anneal.Ebpf.Runtime;
using Anneal.Ebpf.Verification;
using Anneal.Runtime;

namespace Anneal.Ebpf;

/// <summary>A loaded program, ready to run.</summary>
#pragma warning disable CA1001 // Freed when nothing refers to the program any more, which no caller can know: other programs may tail-call it.
public sealed unsafe class LoadedProgram
{
    /// <summary>The most bytes by which a program can make a packet longer.</summary>
    public const int MaxGrowth = RunContext.Headroom + RunContext.Tailroom;

    private const ulong XdpRedirect = 4, ClassifierRedirect = 7;
    private const long SandboxFuel = 1L << 31;
    private readonly ProgramCode code;
    private readonly GuestInstance instance;
    private readonly HostFunction[] imports;
    private readonly long fuel;
    private readonly PointerField[] pointers;
    private readonly int contextSize;

    // Whether the context starts with the packet's length, which is the host's to fill in.
    private readonly bool startsWithLength;

    internal LoadedProgram(EbpfRuntime runtime, EbpfProgram program, ImmutableArray<EbpfMap> maps, VerifiedFacts? facts)
    {
        Runtime = runtime;
        Program = program;
        Maps = maps;
        IsSandboxed = facts is null;
        VerifierLog = facts?.Log ?? "";
        startsWithLength = program.Type.Context?.Find(0, sizeof(int)) is { Name: "len" };
        contextSize = program.Type.Context?.Size ?? 0;
        pointers = program.Type.Context is { } layout ? PointerField.Of(layout, IsSandboxed) : [];
        fuel = runtime.Options.InstructionLimit ?? (IsSandboxed ? SandboxFuel : long.MaxValue);
        CallBindings calls = CallBindings.Find(program, runtime.Helpers, facts);
        code = new ProgramCode(program, calls, facts, new LoadedMaps(maps, program.Type, IsSandboxed), runtime.Options.InstructionLimit is not null);
        imports = new HostFunction[calls.Count];
        instance = new GuestInstance(code);
        for (int i = 0; i < calls.Imports.Count; i++)
        {
            CallBinding binding = calls.Imports[i];
            if (binding.Helper.Id == EbpfProgram.UnresolvedCall && !runtime.Helpers.TryFind(binding.Helper.Id, program.Type, out _))
            {
                imports[i] = new UnresolvedHelper(program.Name, binding.Helper.Name);
                continue;
            }

            Helper helper = runtime.FindHelper(binding.Helper.Id, program.Type)!;
            EbpfMap? map = binding.Map < 0 ? null : maps[binding.Map];
            CheckMap(binding, map);
            imports[i] = new BoundHelper(this, helper, map, IsSandboxed, binding.Probes);
        }

        if (calls.HasRegisterCalls) imports[^1] = new RegisterCallHelper(this);
        for (int i = 0; i < imports.Length; i++) instance.Functions[i] = imports[i].Reference;
        for (int i = 0; i < program.Subprograms.Length; i++)
        {
            FunctionReference* own = instance.OwnReferences + i;
            own->Entry = runtime.Engine.EntryOf(code, imports.Length + i);
            own->Instance = instance.State;
            own->Function = imports.Length + i;
            instance.Functions[imports.Length + i] = own;
        }
    }

    /// <summary>The program's name.</summary>
    public string Name => Program.Name;

    /// <summary>What kind of program it is.</summary>
    public ProgramType Type => Program.Type;

    /// <summary>The program as it was loaded.</summary>
    public EbpfProgram Program { get; }

    /// <summary>Its maps, in the order of <see cref="EbpfProgram.Maps"/>.</summary>
    public ImmutableArray<EbpfMap> Maps { get; }

    /// <summary>Whether it runs with checks instead of having been verified.</summary>
    public bool IsSandboxed { get; }

    /// <summary>The verifier's log; empty when it's sandboxed.</summary>
    public string VerifierLog { get; }

    internal EbpfRuntime Runtime { get; }

    /// <summary>The context's pointer fields: what each holds, and where in the block it is for this program.</summary>
    internal PointerField[] Pointers => pointers;

    internal bool HasWritableContext
    {
        get
        {
            foreach (ContextField one in Type.Context?.Fields ?? [])
            {
                if (one.IsWritable) return true;
            }

            return false;
        }
    }

    /// <summary>Runs the program over a packet (or plain memory), which it may change in place.</summary>
    /// <param name="packet">The packet. If the program moves its ends, as much as fits of what it became is put here.</param>
    /// <param name="cancellation">Stops the program at its next loop or call. (What it has done to maps and packet stays.)</param>
    /// <returns>What the program returned.</returns>
    /// <exception cref="TrapException">A sandboxed program faulted, or the program ran longer than its limit of instructions.</exception>
    /// <exception cref="GuestTimeoutException">The program ran longer than its limit of time.</exception>
    /// <exception cref="EbpfFaultException">A sandboxed program gave a helper what isn't its own.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ulong Run(Span<byte> packet, CancellationToken cancellation = default)
    {
        RunContext run = Runtime.Lease(cancellation);
        try
        {
            return RunInPlace(run, packet, default);
        }
        finally
        {
            run.End();
            Runtime.Return(run);
        }
    }

    /// <summary>Runs the program over a packet, which it may change in place, with values for its context.</summary>
    /// <param name="packet">The packet. If the program moves its ends, as much as fits of what it became is put here.</param>
    /// <param name="context">Values of the context's fields and, afterwards, what the program made of them; pointer fields are ignored. Empty: all zero.</param>
    /// <param name="cancellation">Stops the program at its next loop or call.</param>
    /// <returns>What the program returned, and what became of the packet.</returns>
    /// <exception cref="ArgumentException">The context is longer than programs of this type have.</exception>
    /// <inheritdoc cref="Run(Span{byte}, CancellationToken)"/>
    public RunResult RunWithContext(Span<byte> packet, Span<byte> context, CancellationToken cancellation = default)
    {
        RunContext run = Runtime.Lease(cancellation);
        try
        {
            return Result(run, RunInPlace(run, packet, context));
        }
        finally
        {
            run.End();
            Runtime.Return(run);
        }
    }

    /// <summary>Runs the program over a copy of a packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="output">Where the packet goes as the program left it; long enough for it (<see cref="MaxGrowth"/>), or the rest is lost.</param>
    /// <param name="context">Values of the context's fields and, afterwards, what the program made of them; pointer fields are ignored. Empty: all zero.</param>
    /// <param name="cancellation">Stops the program at its next loop or call.</param>
    /// <returns>What the program returned, and what became of the packet.</returns>
    /// <exception cref="ArgumentException">The context is longer than programs of this type have.</exception>
    /// <inheritdoc cref="Run(Span{byte}, CancellationToken)"/>
    public RunResult RunCopy(ReadOnlySpan<byte> packet, Span<byte> output, Span<byte> context = default, CancellationToken cancellation = default)
    {
        RunContext run = Runtime.Lease(cancellation);
        try
        {
            RunResult result = Result(run, Run(run, run.CopyPacket(packet), packet.Length, context));
            new ReadOnlySpan<byte>(run.Data, Math.Min(result.Length, output.Length)).CopyTo(output);
            return result;
        }
        finally
        {
            run.End();
            Runtime.Return(run);
        }
    }

    /// <summary>Runs the program over each of some packets that lie one behind the other.</summary>
    /// <param name="packets">The packets' bytes.</param>
    /// <param name="lengths">The length of each.</param>
    /// <param name="results">What the program returned for each.</param>
    /// <param name="cancellation">Stops the program that runs at its next loop or call, and those that would follow.</param>
    /// <exception cref="ArgumentException">The lengths don't add up to the bytes, or there's no room for the results.</exception>
    /// <inheritdoc cref="Run(Span{byte}, CancellationToken)"/>
    public void RunBatch(Span<byte> packets, ReadOnlySpan<int> lengths, Span<ulong> results, CancellationToken cancellation = default)
    {
        long total = 0;
        foreach (int length in lengths)
        {
            if (length < 0) throw new ArgumentException("a packet of negative length", nameof(lengths));
            total += length;
        }

        if (total != packets.Length || results.Length < lengths.Length) throw new ArgumentException("lengths, bytes and results don't fit each other", nameof(lengths));
        RunContext run = Runtime.Lease(cancellation);
        try
        {
            int start = 0;
            for (int i = 0; i < lengths.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                results[i] = RunInPlace(run, packets.Slice(start, lengths[i]), default);
                run.End();
                start += lengths[i];
            }
        }
        finally
        {
            run.End();
            Runtime.Return(run);
        }
    }

    internal FunctionReference* ReferenceOf(int subprogram) => instance.OwnReferences + subprogram;

    private ulong RunInPlace(RunContext run, Span<byte> packet, Span<byte> context)
    {
        fixed (byte* memory = packet)
        {
            ulong result = Run(run, memory, packet.Length, context);
            if (run.HasOwnPacket) new ReadOnlySpan<byte>(run.Data, (int)Math.Min(run.DataEnd - run.Data, packet.Length)).CopyTo(packet);
            return result;
        }
    }

    private RunResult Result(RunContext run, ulong value)
    {
        bool redirects = Type.Name == ProgramTypes.Xdp.Name ? value == XdpRedirect : (uint)value == ClassifierRedirect;
        return new RunResult(value, (int)(run.DataEnd - run.Data), redirects ? run.Redirect : default);
    }

    private ulong Run(RunContext run, byte* data, int length, Span<byte> context)
    {
        FillContext(run, context, length);
        ulong* window = run.Begin(this, data, length, fuel);
        Runtime.Engine.Invoke(run.Execution, ReferenceOf(0), window);
        ulong result = window[0];
        if (!context.IsEmpty) new ReadOnlySpan<byte>(run.Context, context.Length).CopyTo(context);
        GC.KeepAlive(this);
        return result;
    }

    private void FillContext(RunContext run, ReadOnlySpan<byte> context, int length)
    {
        if (context.Length > contextSize) throw new ArgumentException($"a context of {context.Length} bytes where {contextSize} are the most", nameof(context));
        new Span<byte>(run.Context, contextSize).Clear();
        if (!context.IsEmpty) context.CopyTo(new Span<byte>(run.Context, contextSize));
        else if (startsWithLength) *(int*)run.Context = length;
    }

    private void CheckMap(CallBinding binding, EbpfMap? map)
    {
        if (map is null || binding.Helper.MapTypes.IsEmpty || binding.Helper.MapTypes.Contains(map.Type)) return;
        throw new InvalidEbpfProgramException(Program.Name, -1, $"helper {binding.Helper.Name} can't be called with map {map.Name} of type {map.Type}");
    }
}
