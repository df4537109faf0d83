// The process-wide part of running machine code: made once, when the first engine wants it. Says in words why it can't be,
// where it can't: another system or processor, a processor below x86-64-v2, executable memory refused.

using Anneal.Assembler;
using Anneal.Threaded;

namespace Anneal.Runtime;

/// <summary>The code space with the stubs and the signal handler in it.</summary>
internal sealed class Machine
{
    private static readonly Lazy<Attempt> Shared = new(Create);
    private Handlers? trapping;
    private Handlers? checking;

    private Machine(CodeSpace space, Stubs stubs, X64Features features, bool hasSignalHandler)
    {
        Space = space;
        Stubs = stubs;
        Features = features;
        HasSignalHandler = hasSignalHandler;
    }

    /// <summary>Whether some engine has asked for the machine and got it.</summary>
    public static bool IsStarted => Shared.IsValueCreated && Shared.Value.Machine is not null;

    /// <summary>The process's machine; null if this process can't run emitted code.</summary>
    public static Machine? Instance => Shared.Value.Machine;

    /// <summary>Why there's no machine; null if there is one.</summary>
    public static string? Refusal => Shared.Value.Refusal;

    public CodeSpace Space { get; }

    public Stubs Stubs { get; }

    public X64Features Features { get; }

    /// <summary>Whether faults in emitted code arrive at the fault stub.</summary>
    public bool HasSignalHandler { get; }

    /// <summary>The threaded interpreter's handlers, for engines that rely on the hardware's traps and for those that don't.</summary>
    public Handlers HandlersFor(bool hardwareTraps)
    {
        ref Handlers? handlers = ref hardwareTraps ? ref trapping : ref checking;
        if (Volatile.Read(ref handlers) is { } existing) return existing;
        lock (this) return handlers ??= new Handlers(Space, Stubs, Features, hardwareTraps);
    }

    private static Attempt Create()
    {
        if (!OperatingSystem.IsLinux()) return new Attempt(null, "machine code is emitted for Linux only");
        X64Features features = X64Features.Detect();
        if (!features.IsBaselineV2) return new Attempt(null, "the processor is not x86-64-v2 (SSE4.2, POPCNT)");
        if (CodeSpace.Instance is not { } space) return new Attempt(null, "the system refuses executable memory or address space for it");
        Stubs stubs = Stubs.Emit(space);
        return new Attempt(new Machine(space, stubs, features, SignalHandler.TryInstall(space, stubs)), null);
    }

    // Either of the two. A class: the framework's Lazy over a struct is compiled at each start of a process.
    private sealed record Attempt(Machine? Machine, string? Refusal);
}
