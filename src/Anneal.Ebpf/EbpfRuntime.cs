// The root of the eBPF guest: options, helpers, the pool of run contexts. Programs and maps belong to the runtime that they
// were made for.

using System.Collections.Immutable;
using Anneal.Ebpf.Helpers;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;
using Anneal.Ebpf.Verification;
using Anneal.Runtime;

namespace Anneal.Ebpf;

/// <summary>Loads programs and keeps what they share. Thread-safe; make one and keep it.</summary>
public sealed class EbpfRuntime : IDisposable
{
    private const int ThreadHints = 256;
    private readonly Dictionary<int, Helper> helpers;
    private readonly RunContext?[] slots;
    private readonly Pool<RunContext> pool;
    private readonly IProgramVerifier verifier;
    private readonly Random? seeds;
    private readonly ushort[] firstOfThread = new ushort[ThreadHints];
    private int threads;
    private int furtherContexts;
    private bool isDisposed;

    /// <summary>Makes a runtime.</summary>
    /// <param name="engine">The engine that runs the programs; the caller disposes it, after the runtime.</param>
    /// <param name="options">What to do differently from the defaults.</param>
    public EbpfRuntime(Engine engine, EbpfOptions? options = null)
        : this(engine, options ??= new EbpfOptions(), new Verifier(options.Verifier))
    {
    }

    internal EbpfRuntime(Engine engine, EbpfOptions options, IProgramVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(engine);
        options.Validate();
        Engine = engine;
        Options = options;
        this.verifier = verifier;
        seeds = options.RandomSeed is { } seed ? new Random(seed) : null;
        MapSpace = new MapSpace(options.Processors, options.MaxMapBytes, options.PerfEventBytes);
        slots = new RunContext?[options.Processors];
        pool = new Pool<RunContext>(16);
        helpers = BuiltInHelpers.Make();
        foreach (HostHelper helper in options.Helpers) helpers[helper.Prototype.Id] = helper.Implementation;
        Helpers = new HelperTable(helpers.Values.Select(helper => helper.Prototype)) { OfHost = options.Helpers.Select(helper => helper.Prototype.Id).ToHashSet() };
    }

    /// <summary>The engine that runs the programs.</summary>
    public Engine Engine { get; }

    /// <summary>The options that the runtime was made with.</summary>
    public EbpfOptions Options { get; }

    /// <summary>The prototypes of all helpers that there are.</summary>
    public HelperTable Helpers { get; }

    internal MapSpace MapSpace { get; }

    /// <summary>The name of the host's program, for programs that ask.</summary>
    internal byte[] Command { get; } = System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(Environment.ProcessPath ?? "host"));

    /// <summary>Makes a map that no object defines.</summary>
    /// <exception cref="InvalidMapException">The definition is of a kind that isn't supported, or doesn't make sense.</exception>
    public EbpfMap CreateMap(MapDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        return MapFactory.Create(definition, MapSpace);
    }

    /// <summary>Loads a program with maps of its own.</summary>
    /// <exception cref="InvalidEbpfProgramException">The program calls what isn't there.</exception>
    /// <exception cref="InvalidMapException">A map's definition is of a kind that isn't supported, or doesn't make sense.</exception>
    /// <exception cref="VerifierException">The program was to be verified and is refused.</exception>
    public LoadedProgram Load(EbpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return Load(program, [.. program.Maps.Select(CreateMap)]);
    }

    /// <summary>Loads a program with these maps in place of its definitions.</summary>
    /// <exception cref="ArgumentException">There aren't as many maps as definitions, or one differs from its definition.</exception>
    /// <inheritdoc cref="Load(EbpfProgram)"/>
    public LoadedProgram Load(EbpfProgram program, ImmutableArray<EbpfMap> maps)
    {
        ArgumentNullException.ThrowIfNull(program);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        program.Type.Context?.Validate(program.Type.Name);
        if (maps.Length != program.Maps.Length) throw new ArgumentException($"{maps.Length} maps where the program has {program.Maps.Length}", nameof(maps));
        for (int i = 0; i < maps.Length; i++)
        {
            MapDefinition wanted = program.Maps[i];
            EbpfMap map = maps[i];
            if (map.Space != MapSpace) throw new ArgumentException($"map {map.Name} belongs to another runtime", nameof(maps));
            if (map.Type != wanted.Type || map.KeySize != wanted.KeySize || map.ValueSize != wanted.ValueSize || map.MaxEntries != wanted.MaxEntries || map.Definition.Flags != wanted.Flags)
            {
                throw new ArgumentException($"map {map.Name} isn't what the program has as {wanted.Name}", nameof(maps));
            }

            // The verifier takes what is in these for known.
            if (wanted.IsFrozen && !(map.Definition.IsFrozen && map.Definition.InitialValue.Span.SequenceEqual(wanted.InitialValue.Span)))
                throw new ArgumentException($"map {map.Name} has other contents than the program's constants {wanted.Name}", nameof(maps));
        }

        VerifiedFacts? facts = Options.Mode == SafetyMode.Verified ? verifier.Verify(program, Helpers) : null;
        return new LoadedProgram(this, program, maps, facts);
    }

    /// <summary>Gives back what runs used. Programs must not be run afterwards.</summary>
    public void Dispose()
    {
        isDisposed = true;
        while (pool.TryTake(out RunContext? context)) context.Dispose();
        foreach (RunContext? one in slots)
        {
            if (one is not null && one.TryEnter()) one.Dispose();
        }
    }

    internal Helper? FindHelper(int id, ProgramType type) =>
        Helpers.TryFind(id, type, out _) && helpers.TryGetValue(id, out Helper? helper) ? helper : null;

    /// <summary>A context for runs that a token can stop.</summary>
    /// <exception cref="OperationCanceledException">It has been cancelled already.</exception>
    internal RunContext Lease(CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (cancellation.IsCancellationRequested) cancellation.ThrowIfCancellationRequested();
        RunContext context = Find();
        if (cancellation.CanBeCanceled) context.StopOn(cancellation);
        return context;
    }

    /// <summary>Takes a context back.</summary>
    internal void Return(RunContext context)
    {
        context.Unhook();
        if (context.HasSlot && !isDisposed) context.Leave();
        else if (context.HasSlot || isDisposed || !pool.TryAdd(context)) context.Dispose();
    }

    // One context for each processor number. A thread asks for the same one first, the first thread for that of number 0, so threads seldom
    // meet, and a run costs one locked instruction. More runs than that at a time share numbers.
    private RunContext Find()
    {
        int count = slots.Length;
        int first = FirstOfThread();
        for (int i = first, left = count; left > 0; left--)
        {
            RunContext context = Volatile.Read(ref slots[i]) ?? AddAt(i);
            if (context.TryEnter()) return context;
            if (++i == count) i = 0;
        }

        return pool.TryTake(out RunContext? further)
            ? further
            : new RunContext(this, (int)((uint)Interlocked.Increment(ref furtherContexts) % (uint)count), hasSlot: false);
    }

    private int FirstOfThread()
    {
        ref ushort known = ref firstOfThread[Environment.CurrentManagedThreadId & (ThreadHints - 1)];
        if (known == 0) known = (ushort)((((uint)Interlocked.Increment(ref threads) - 1) % (uint)slots.Length) + 1);
        return known - 1;
    }

    private RunContext AddAt(int slot)
    {
        lock (slots) return slots[slot] ??= new RunContext(this, slot, hasSlot: true);
    }

    internal uint NextSeed()
    {
        if (seeds is null) return (uint)Random.Shared.Next(1, int.MaxValue);
        lock (seeds) return (uint)seeds.Next(1, int.MaxValue);
    }
}
