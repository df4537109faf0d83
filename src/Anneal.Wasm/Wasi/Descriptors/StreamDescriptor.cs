// A standard stream that the host replaced by a .NET Stream. Writes go straight from guest memory and are flushed at the end of
// each call. Reads go through a buffer, because a read that is under way when the guest is cancelled, or that poll_oneoff started
// to learn about readiness, must not lose its bytes: it stays pending and the next read takes what it brings.

using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi.Descriptors;

/// <summary>
/// A host <see cref="Stream"/> as a guest's descriptor. The stream isn't disposed with it; a read under way ends unseen.
/// </summary>
internal sealed unsafe class StreamDescriptor : Descriptor
{
    private const int BufferSize = 16 * 1024;

    private readonly Stream stream;
    private readonly Lock transfers = new();
    private readonly Lock writes = new();
    private byte[]? buffer;
    private int start;
    private int available;
    private bool atEnd;
    private Task<int>? pending;

    /// <summary>Wraps a stream.</summary>
    /// <param name="stream">The host's stream.</param>
    /// <param name="access">FdRead or FdWrite.</param>
    public StreamDescriptor(Stream stream, WasiRights access)
        : base(
            WasiFileType.Unknown,
            WasiRights.Stream & ~((WasiRights.FdRead | WasiRights.FdWrite) & ~access),
            WasiRights.None) => this.stream = stream;

    public override WasiErrno Read(IoVector* vectors, int count, CancellationToken cancellation, out uint transferred)
    {
        transferred = 0;
        cancellation.ThrowIfCancellationRequested();
        nuint wanted = 0;
        for (int i = 0; i < count; i++) wanted += vectors[i].Length;
        if (wanted == 0) return WasiErrno.Success;
        while (true)
        {
            Task<int> waiting;
            lock (transfers)
            {
                try
                {
                    if (available == 0) BeginFill(cancellation);
                    if (pending is { IsCompleted: true }) EndFill();
                }
                catch (OperationCanceledException)
                {
                    // Perhaps an earlier call's token: the read is begun again unless this call is cancelled too.
                    pending = null;
                    cancellation.ThrowIfCancellationRequested();
                    continue;
                }
                catch (Exception failure) when (IsStreamFailure(failure))
                {
                    pending = null;
                    return ToErrno(failure);
                }
                if (pending is null)
                {
                    transferred = Take(vectors, count);
                    return WasiErrno.Success;
                }
                waiting = pending;
            }
            if ((Flags & WasiFdFlags.NonBlock) != 0) return WasiErrno.Again;
            // Without the lock: another thread of the guest may poll meanwhile. What the read failed with, EndFill tells.
            try
            {
                waiting.Wait(cancellation);
            }
            catch (AggregateException)
            {
            }
        }
    }

    public override WasiErrno Write(IoVector* vectors, int count, CancellationToken cancellation, out uint transferred)
    {
        transferred = 0;
        cancellation.ThrowIfCancellationRequested();
        lock (writes)
        {
            try
            {
                for (int i = 0; i < count; i++)
                {
                    nuint done = 0;
                    while (done < vectors[i].Length)
                    {
                        int size = (int)nuint.Min(vectors[i].Length - done, int.MaxValue);
                        stream.Write(new ReadOnlySpan<byte>(vectors[i].Start + done, size));
                        done += (nuint)size;
                        transferred += (uint)size;
                    }
                }
                stream.Flush();
                return WasiErrno.Success;
            }
            catch (Exception failure) when (IsStreamFailure(failure))
            {
                return transferred > 0 && failure is IOException ? WasiErrno.IO : ToErrno(failure);
            }
        }
    }

    public override WasiErrno SetFlags(WasiFdFlags flags)
    {
        if (((flags ^ Flags) & ~WasiFdFlags.NonBlock) != 0) return WasiErrno.NotSupported;
        Flags = flags;
        return WasiErrno.Success;
    }

    public override WasiErrno Sync(bool metadata)
    {
        try
        {
            stream.Flush();
            return WasiErrno.Success;
        }
        catch (Exception failure) when (IsStreamFailure(failure))
        {
            return ToErrno(failure);
        }
    }

    /// <summary>
    /// Starts reading ahead and says how many bytes a read would get at once; null while there is nothing to read.
    /// </summary>
    /// <param name="wake">Signalled when that changes.</param>
    public ulong? PollRead(WakeSignal wake)
    {
        lock (transfers)
        {
            try
            {
                if (available == 0)
                {
                    BeginFill(CancellationToken.None);
                    if (pending is { IsCompletedSuccessfully: true }) EndFill();
                }
            }
            catch (Exception failure) when (IsStreamFailure(failure) || failure is OperationCanceledException)
            {
                return 0; // The read will meet the failure again and report it.
            }
            if (available > 0 || atEnd || pending is null || pending.IsCompleted) return (ulong)available;
            pending.ContinueWith(
                static (_, state) => ((WakeSignal)state!).Signal(), wake,
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return null;
        }
    }

    /// <summary>
    /// What has been read ahead of the guest, and whether the end came behind it; null if a read is still under way, whose
    /// bytes only this descriptor will get.
    /// </summary>
    public byte[]? ReadAhead(out bool ended)
    {
        lock (transfers)
        {
            try
            {
                if (pending is { IsCompletedSuccessfully: true }) EndFill();
            }
            catch (IOException)
            {
                pending = null; // A stream that has broken its contract: a new read will say the same.
            }

            ended = atEnd;
            if (pending is { IsCompleted: false }) return null;
            return available == 0 ? [] : buffer.AsSpan(start, available).ToArray();
        }
    }

    /// <summary>Puts back what <see cref="ReadAhead"/> gave.</summary>
    public void RestoreReadAhead(byte[] bytes, bool ended)
    {
        lock (transfers)
        {
            if (bytes.Length > 0) bytes.CopyTo(buffer ??= new byte[BufferSize], 0);
            start = 0;
            available = bytes.Length;
            atEnd = ended;
        }
    }

    /// <summary>The most bytes that are read ahead.</summary>
    public static int MostReadAhead => BufferSize;

    private uint Take(IoVector* vectors, int count)
    {
        uint taken = 0;
        for (int i = 0; i < count && available > 0; i++)
        {
            int size = (int)nuint.Min(vectors[i].Length, (nuint)available);
            buffer.AsSpan(start, size).CopyTo(new Span<byte>(vectors[i].Start, size));
            start += size;
            available -= size;
            taken += (uint)size;
        }
        // An end of input is reported once; a stream such as a terminal's may have more afterwards.
        if (taken == 0) atEnd = false;
        return taken;
    }

    // Afterwards either bytes are available, the end is known, or a read is pending.
    private void BeginFill(CancellationToken cancellation)
    {
        if (pending is not null || atEnd) return;
        buffer ??= new byte[BufferSize];
        ValueTask<int> reading = stream.ReadAsync(buffer, cancellation);
        if (reading.IsCompletedSuccessfully) Filled(reading.Result);
        else pending = reading.AsTask();
    }

    private void EndFill()
    {
        int size = pending!.GetAwaiter().GetResult();
        pending = null;
        Filled(size);
    }

    private void Filled(int size)
    {
        if (size < 0 || size > BufferSize) throw new IOException("A stream claims to have read more than was asked for.");
        start = 0;
        available = size;
        atEnd = size == 0;
    }

    private static bool IsStreamFailure(Exception failure) =>
        failure is IOException or NotSupportedException or ObjectDisposedException or UnauthorizedAccessException;

    private static WasiErrno ToErrno(Exception failure) => failure switch
    {
        ObjectDisposedException => WasiErrno.BadDescriptor,
        NotSupportedException => WasiErrno.NotSupported,
        UnauthorizedAccessException => WasiErrno.Access,
        _ => WasiErrno.IO,
    };
}
