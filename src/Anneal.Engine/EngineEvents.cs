// When the event source is made. That takes milliseconds, which a short program shouldn't pay at its start, yet a tool that
// attaches to a process later must find the source: a tool's wish is kept by the runtime until a source of that name appears. So
// the first engine starts a thread that makes it a moment later. Where a tool has been told beforehand to listen from the start
// (the runtime says so in the environment), or the host asks, it's made at once. Where the application has event sources
// switched off, as the command line tool has unless told otherwise, nothing is ever made.
//
// The process-wide state here is the source itself: .NET has one of a name.

using System.Diagnostics.Tracing;
using Anneal.Diagnostics;

namespace Anneal;

/// <summary>
/// The engines' events and counters, which are those of the <see cref="EventSource"/> named <see cref="SourceName"/>, for
/// <c>dotnet-trace</c>, <c>dotnet-counters</c> and <see cref="EventListener"/>.
/// </summary>
public static class EngineEvents
{
    /// <summary>The event source's name.</summary>
    public const string SourceName = "Anneal";

    private const int DelayMilliseconds = 200;

    private static readonly Lock Gate = new();
    private static volatile AnnealEventSource? current;
    private static int prepared;

    /// <summary>Where events go; null while nobody listens to them.</summary>
    internal static AnnealEventSource? Listening => current is { } source && source.IsEnabled() ? source : null;

    /// <summary>
    /// Makes the event source now. Without this it appears a fifth of a second after the process's first engine, and what
    /// happened before isn't seen. Does nothing where the application has event sources switched off.
    /// </summary>
    public static void Start()
    {
        if (!IsSupported) return;
        lock (Gate) current ??= new AnnealEventSource();
    }

    /// <summary>An engine is being made: the source shall come up in time.</summary>
    internal static void Prepare()
    {
        if (prepared != 0 || Interlocked.Exchange(ref prepared, 1) != 0 || !IsSupported) return;
        if (IsListenedToFromTheStart)
        {
            Start();
            return;
        }

        try
        {
            new Thread(StartLater, maxStackSize: 256 << 10) { IsBackground = true, Name = "Anneal events" }.Start();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // No events then: no reason to keep an engine from running.
        }
    }

    private static bool IsSupported => !AppContext.TryGetSwitch("System.Diagnostics.Tracing.EventSource.IsSupported", out bool supported) || supported;

    private static bool IsListenedToFromTheStart =>
        Environment.GetEnvironmentVariable("DOTNET_EnableEventPipe") == "1" || Environment.GetEnvironmentVariable("DOTNET_DiagnosticPorts") is { Length: > 0 };

    private static void StartLater()
    {
        Thread.Sleep(DelayMilliseconds);
        Start();
    }
}
