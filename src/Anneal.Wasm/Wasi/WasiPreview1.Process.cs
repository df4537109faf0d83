// args_*, environ_*, clock_*, random_get, proc_* and sched_yield.

using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi;

internal sealed unsafe partial class WasiPreview1
{
    // Random bytes are made in pieces, so that a guest that asks for gigabytes can be cancelled.
    private const int RandomPiece = 256 * 1024;

    public WasiErrno ArgsGet(in GuestMemory memory, uint pointers, uint strings)
    {
        arguments.Write(memory, pointers, strings);
        return WasiErrno.Success;
    }

    public WasiErrno ArgsSizesGet(in GuestMemory memory, uint count, uint size)
    {
        memory.WriteUInt32(count, arguments.Count);
        memory.WriteUInt32(size, arguments.Size);
        return WasiErrno.Success;
    }

    public WasiErrno EnvironGet(in GuestMemory memory, uint pointers, uint strings)
    {
        environment.Write(memory, pointers, strings);
        return WasiErrno.Success;
    }

    public WasiErrno EnvironSizesGet(in GuestMemory memory, uint count, uint size)
    {
        memory.WriteUInt32(count, environment.Count);
        memory.WriteUInt32(size, environment.Size);
        return WasiErrno.Success;
    }

    public WasiErrno ClockResGet(in GuestMemory memory, uint clock, uint result)
    {
        WasiErrno error = clocks.Resolution((WasiClock)clock, out ulong resolution);
        if (error == WasiErrno.Success) memory.WriteUInt64(result, resolution);
        return error;
    }

    public WasiErrno ClockTimeGet(in GuestMemory memory, uint clock, uint result)
    {
        WasiErrno error = clocks.Time((WasiClock)clock, out ulong time);
        if (error == WasiErrno.Success) memory.WriteUInt64(result, time);
        return error;
    }

    public WasiErrno RandomGet(in GuestMemory memory, uint buffer, uint size, CancellationToken cancellation)
    {
        byte* next = memory.Pointer(buffer, size);
        while (size > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            int piece = (int)Math.Min(size, RandomPiece);
            if (randomSource is not null)
            {
                randomSource(new Span<byte>(next, piece));
            }
            else
            {
                nint filled = Libc.GetRandom(next, (nuint)piece, 0);
                if (filled < 0)
                {
                    if (LinuxErrno.Last == LinuxErrno.EINTR) continue;
                    return LinuxErrno.LastAsWasi;
                }
                piece = (int)filled;
            }
            next += piece;
            size -= (uint)piece;
        }
        return WasiErrno.Success;
    }

    /// <exception cref="WasmExit">Always.</exception>
    public static WasiErrno ProcExit(uint code) => throw new WasmExit((int)code);

    /// <summary>Does what a signal does to a program that handles none: nothing, or its end with code 128 + signal.</summary>
    /// <exception cref="WasmExit">The signal ends a program.</exception>
    public static WasiErrno ProcRaise(uint signal) => signal switch
    {
        0 or 16 or 17 or 22 or 27 => WasiErrno.Success, // none, chld, cont, urg, winch
        >= 18 and <= 21 => WasiErrno.NotSupported,      // stop, tstp, ttin, ttou
        > 30 => WasiErrno.Invalid,
        // WASI leaves out Linux's stack-fault signal (16), so later numbers are one less.
        _ => throw new WasmExit(128 + (int)(signal < 16 ? signal : signal + 1)),
    };

    public static WasiErrno SchedYield(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Thread.Yield();
        return WasiErrno.Success;
    }
}
