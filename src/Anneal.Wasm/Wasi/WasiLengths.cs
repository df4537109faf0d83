// How many bytes of guest memory a WASI call asks to have read, written or looked through, for metered guests: the length by
// which the call is paid before it runs. It comes from the arguments and the guest's memory alone, never from what the host's
// files hold, so that the same guest pays the same everywhere. It's only a price: a range that the function will refuse counts
// no more than the memory has.

using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi;

/// <summary>Computes the length of a call.</summary>
internal delegate ulong WasiLength(in GuestMemory memory, ReadOnlySpan<ulong> arguments);

/// <summary>The lengths of calls that have one.</summary>
internal static class WasiLengths
{
    /// <summary>How to get the length of a call of that function; null if its work is bounded.</summary>
    public static WasiLength? Of(string name) => name switch
    {
        "fd_read" or "fd_write" or "fd_pread" or "fd_pwrite" => static (in m, a) => Vectors(m, (uint)a[1], (uint)a[2]),
        "random_get" => static (in m, a) => Range(m, (uint)a[1]),
        "fd_readdir" => static (in m, a) => Range(m, (uint)a[2]),
        "poll_oneoff" => static (in m, a) => Range(m, (ulong)(uint)a[2] * WasiLayout.Subscription),
        "path_create_directory" or "path_remove_directory" or "path_unlink_file" => static (in m, a) => Range(m, (uint)a[2]),
        "path_filestat_get" or "path_filestat_set_times" or "path_open" => static (in m, a) => Range(m, (uint)a[3]),
        "path_readlink" => static (in m, a) => Range(m, (uint)a[2]) + Range(m, (uint)a[4]),
        "path_symlink" => static (in m, a) => Range(m, (uint)a[1]) + Range(m, (uint)a[4]),
        "path_rename" => static (in m, a) => Range(m, (uint)a[2]) + Range(m, (uint)a[5]),
        "path_link" => static (in m, a) => Range(m, (uint)a[3]) + Range(m, (uint)a[6]),
        _ => null,
    };

    private static ulong Range(in GuestMemory memory, ulong size) => Math.Min(size, memory.Length);

    // As many vectors as one transfer takes; a list that isn't inside the memory moves nothing.
    private static ulong Vectors(in GuestMemory memory, uint vectors, uint count)
    {
        if ((ulong)vectors + ((ulong)count * WasiLayout.IoVector) > memory.Length) return 0;
        ulong total = 0;
        uint limit = Math.Min(count, LinuxFlags.MaximumVectors);
        for (uint i = 0; i < limit; i++) total += Range(memory, memory.ReadUInt32(vectors + (i * WasiLayout.IoVector) + 4));
        return total;
    }
}
