// What a host gives a WASI guest. Everything is off by default except the standard streams: no arguments, no environment, no
// directories. Immutable, so that one value can start many guests at once.

namespace Anneal.Wasm.Wasi;

/// <summary>What a guest sees of its host through WASI preview 1.</summary>
/// <remarks>
/// An instance holds no resources: directories are opened for each guest that is started with it. Streams stay the caller's
/// to dispose, and shouldn't be shared by guests that run at the same time.
/// </remarks>
public sealed record WasiOptions
{
    /// <summary>The program's arguments. By convention the first one is the program's own name. Without NUL characters.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The environment variables, in order. Names are not empty and hold neither <c>=</c> nor NUL.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>The directories that the guest may use; the first one becomes descriptor 3.</summary>
    public IReadOnlyList<WasiDirectory> Directories { get; init; } = [];

    /// <summary>What the guest reads as its standard input; <see langword="null"/> for the process's own.</summary>
    /// <remarks>
    /// Read through <see cref="Stream.ReadAsync(Memory{byte}, CancellationToken)"/> in blocks of up to 16 KiB. So that a guest
    /// that waits can be cancelled, the stream's <c>ReadAsync</c> must not block its caller.
    /// </remarks>
    public Stream? StandardInput { get; init; }

    /// <summary>Where the guest's standard output goes; <see langword="null"/> for the process's own.</summary>
    /// <remarks>The stream is flushed after each <c>fd_write</c>: a guest's C library buffers by itself.</remarks>
    public Stream? StandardOutput { get; init; }

    /// <summary>Where the guest's standard error goes; <see langword="null"/> for the process's own.</summary>
    /// <remarks>Flushed as <see cref="StandardOutput"/> is.</remarks>
    public Stream? StandardError { get; init; }

    /// <summary>
    /// The clock behind <c>realtime</c> and <c>monotonic</c> and behind sleeping; <see langword="null"/> for the system's own
    /// clocks at nanosecond resolution. The processor-time clocks are always the system's.
    /// </summary>
    public TimeProvider? TimeProvider { get; init; }

    /// <summary>
    /// Fills a span for <c>random_get</c>; <see langword="null"/> for the operating system's secure generator. For a
    /// reproducible run: <c>new Random(1).NextBytes</c>.
    /// </summary>
    public Action<Span<byte>>? RandomSource { get; init; }

    /// <summary>How many descriptors a guest may have open at once, the standard streams and directories included.</summary>
    /// <value>From 3 to 1,048,576; 4096 by default. Opening more fails with errno <c>mfile</c>.</value>
    public int MaximumDescriptors { get; init; } = 4096;
}
