// The table of wasi_snapshot_preview1: import name, type, and the method behind it. A linker asks for the names that a module
// imports; nothing is built for those that it doesn't.

using System.Diagnostics.CodeAnalysis;

namespace Anneal.Wasm.Wasi;

/// <summary>Looks up the functions of WASI preview 1 by name.</summary>
internal static class WasiImports
{
    /// <summary>The module name under which guests import these functions.</summary>
    public const string ModuleName = "wasi_snapshot_preview1";

    /// <summary>The names of all functions.</summary>
    public static IEnumerable<string> Names =>
    [
        "args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "clock_res_get", "clock_time_get", "fd_advise",
        "fd_allocate", "fd_close", "fd_datasync", "fd_fdstat_get", "fd_fdstat_set_flags", "fd_fdstat_set_rights",
        "fd_filestat_get", "fd_filestat_set_size", "fd_filestat_set_times", "fd_pread", "fd_prestat_get",
        "fd_prestat_dir_name", "fd_pwrite", "fd_read", "fd_readdir", "fd_renumber", "fd_seek", "fd_sync", "fd_tell",
        "fd_write", "path_create_directory", "path_filestat_get", "path_filestat_set_times", "path_link", "path_open",
        "path_readlink", "path_remove_directory", "path_rename", "path_symlink", "path_unlink_file", "poll_oneoff",
        "proc_exit", "proc_raise", "sched_yield", "random_get", "sock_accept", "sock_recv", "sock_send", "sock_shutdown",
    ];

    /// <summary>Finds a function.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out WasiImport? import)
    {
        import = name switch
        {
            "args_get" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.ArgsGet(m, U(a, 0), U(a, 1))),
            "args_sizes_get" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.ArgsSizesGet(m, U(a, 0), U(a, 1))),
            "environ_get" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.EnvironGet(m, U(a, 0), U(a, 1))),
            "environ_sizes_get" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.EnvironSizesGet(m, U(a, 0), U(a, 1))),
            "clock_res_get" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.ClockResGet(m, U(a, 0), U(a, 1))),
            "clock_time_get" => new(name, "iIi:i",
                static (w, in m, a, c) => (int)w.ClockTimeGet(m, U(a, 0), U(a, 2))),
            "fd_advise" => new(name, "iIIi:i",
                static (w, in m, a, c) => (int)w.FdAdvise(U(a, 0), a[1], a[2], U(a, 3))),
            "fd_allocate" => new(name, "iII:i",
                static (w, in m, a, c) => (int)w.FdAllocate(U(a, 0), a[1], a[2])),
            "fd_close" => new(name, "i:i",
                static (w, in m, a, c) => (int)w.FdClose(U(a, 0))),
            "fd_datasync" => new(name, "i:i",
                static (w, in m, a, c) => (int)w.FdSync(U(a, 0), WasiRights.FdDataSync)),
            "fd_fdstat_get" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.FdFdStatGet(m, U(a, 0), U(a, 1))),
            "fd_fdstat_set_flags" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.FdFdStatSetFlags(U(a, 0), U(a, 1))),
            "fd_fdstat_set_rights" => new(name, "iII:i",
                static (w, in m, a, c) => (int)w.FdFdStatSetRights(U(a, 0), a[1], a[2])),
            "fd_filestat_get" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.FdFileStatGet(m, U(a, 0), U(a, 1))),
            "fd_filestat_set_size" => new(name, "iI:i",
                static (w, in m, a, c) => (int)w.FdFileStatSetSize(U(a, 0), a[1])),
            "fd_filestat_set_times" => new(name, "iIIi:i",
                static (w, in m, a, c) => (int)w.FdFileStatSetTimes(U(a, 0), a[1], a[2], U(a, 3))),
            "fd_pread" => new(name, "iiiIi:i",
                static (w, in m, a, c) => (int)w.FdPRead(m, U(a, 0), U(a, 1), U(a, 2), a[3], U(a, 4))),
            "fd_prestat_get" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.FdPreStatGet(m, U(a, 0), U(a, 1))),
            "fd_prestat_dir_name" => new(name, "iii:i",
                static (w, in m, a, c) => (int)w.FdPreStatDirName(m, U(a, 0), U(a, 1), U(a, 2))),
            "fd_pwrite" => new(name, "iiiIi:i",
                static (w, in m, a, c) => (int)w.FdPWrite(m, U(a, 0), U(a, 1), U(a, 2), a[3], U(a, 4))),
            "fd_read" => new(name, "iiii:i",
                static (w, in m, a, c) => (int)w.FdRead(m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), c)),
            "fd_readdir" => new(name, "iiiIi:i",
                static (w, in m, a, c) => (int)w.FdReadDir(m, U(a, 0), U(a, 1), U(a, 2), a[3], U(a, 4))),
            "fd_renumber" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.FdRenumber(U(a, 0), U(a, 1))),
            "fd_seek" => new(name, "iIii:i",
                static (w, in m, a, c) => (int)w.FdSeek(m, U(a, 0), a[1], U(a, 2), U(a, 3))),
            "fd_sync" => new(name, "i:i",
                static (w, in m, a, c) => (int)w.FdSync(U(a, 0), WasiRights.FdSync)),
            "fd_tell" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.FdTell(m, U(a, 0), U(a, 1))),
            "fd_write" => new(name, "iiii:i",
                static (w, in m, a, c) => (int)w.FdWrite(m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), c)),
            "path_create_directory" => new(name, "iii:i",
                static (w, in m, a, c) => (int)w.PathCreateDirectory(m, U(a, 0), U(a, 1), U(a, 2))),
            "path_filestat_get" => new(name, "iiiii:i",
                static (w, in m, a, c) => (int)w.PathFileStatGet(m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4))),
            "path_filestat_set_times" => new(name, "iiiiIIi:i",
                static (w, in m, a, c) => (int)w.PathFileStatSetTimes(
                    m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), a[4], a[5], U(a, 6))),
            "path_link" => new(name, "iiiiiii:i",
                static (w, in m, a, c) => (int)w.PathLink(m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4), U(a, 5), U(a, 6))),
            "path_open" => new(name, "iiiiiIIii:i",
                static (w, in m, a, c) => (int)w.PathOpen(
                    m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4), a[5], a[6], U(a, 7), U(a, 8))),
            "path_readlink" => new(name, "iiiiii:i",
                static (w, in m, a, c) => (int)w.PathReadLink(m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4), U(a, 5))),
            "path_remove_directory" => new(name, "iii:i",
                static (w, in m, a, c) => (int)w.PathRemoveDirectory(m, U(a, 0), U(a, 1), U(a, 2))),
            "path_rename" => new(name, "iiiiii:i",
                static (w, in m, a, c) => (int)w.PathRename(m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4), U(a, 5))),
            "path_symlink" => new(name, "iiiii:i",
                static (w, in m, a, c) => (int)w.PathSymlink(m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), U(a, 4))),
            "path_unlink_file" => new(name, "iii:i",
                static (w, in m, a, c) => (int)w.PathUnlinkFile(m, U(a, 0), U(a, 1), U(a, 2))),
            "poll_oneoff" => new(name, "iiii:i",
                static (w, in m, a, c) => (int)w.PollOneOff(m, U(a, 0), U(a, 1), U(a, 2), U(a, 3), c)),
            "proc_exit" => new(name, "i:",
                static (w, in m, a, c) => (int)WasiPreview1.ProcExit(U(a, 0))),
            "proc_raise" => new(name, "i:i",
                static (w, in m, a, c) => (int)WasiPreview1.ProcRaise(U(a, 0))),
            "sched_yield" => new(name, ":i",
                static (w, in m, a, c) => (int)WasiPreview1.SchedYield(c)),
            "random_get" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.RandomGet(m, U(a, 0), U(a, 1), c)),
            "sock_accept" => new(name, "iii:i",
                static (w, in m, a, c) => (int)w.SocketOperation(U(a, 0))),
            "sock_recv" => new(name, "iiiiii:i",
                static (w, in m, a, c) => (int)w.SocketOperation(U(a, 0))),
            "sock_send" => new(name, "iiiii:i",
                static (w, in m, a, c) => (int)w.SocketOperation(U(a, 0))),
            "sock_shutdown" => new(name, "ii:i",
                static (w, in m, a, c) => (int)w.SocketOperation(U(a, 0))),
            _ => null,
        };
        return import is not null;
    }

    // A 32-bit argument's slot is zero-extended; what is above it is not the guest's number.
    private static uint U(ReadOnlySpan<ulong> arguments, int index) => (uint)arguments[index];
}
