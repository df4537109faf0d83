// One guest's WASI state: its arguments, clocks and open descriptors. The functions of wasi_snapshot_preview1 are methods,
// grouped by file as the specification groups them by prefix; WasiImports maps import names to them. Each takes the guest's
// numbers as they came and treats them as hostile. Made by whoever links a guest, one for each instance, and disposed with it.

using System.Text;
using Anneal.Wasm.Wasi.Descriptors;
using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi;

/// <summary>The state and the functions of WASI preview 1 for one guest.</summary>
internal sealed unsafe partial class WasiPreview1 : IDisposable
{
    private readonly WasiOptions options;
    private readonly DescriptorTable descriptors;
    private readonly GuestStrings arguments;
    private readonly GuestStrings environment;
    private readonly WasiClocks clocks;
    private readonly Action<Span<byte>>? randomSource;
    private readonly PathResolver paths;
    private WakeSignal? spareWake;

    /// <summary>Opens what the options name.</summary>
    /// <param name="options">What the guest is to see.</param>
    /// <param name="allowOpenAt2">False makes paths resolve without openat2, as on kernels that lack it.</param>
    /// <exception cref="PlatformNotSupportedException">The system isn't Linux.</exception>
    /// <exception cref="ArgumentException">The options hold something that no guest could be given.</exception>
    /// <exception cref="IOException">A directory can't be opened.</exception>
    public WasiPreview1(WasiOptions options, bool allowOpenAt2 = true)
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("WASI's files and waiting need Linux.");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumDescriptors, 3 + options.Directories.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaximumDescriptors, 1 << 20);
        this.options = options;
        arguments = GuestStrings.OfArguments(options.Arguments);
        environment = GuestStrings.OfEnvironment(options.Environment);
        clocks = new WasiClocks(options.TimeProvider);
        randomSource = options.RandomSource;
        descriptors = new DescriptorTable(options.MaximumDescriptors);
        try
        {
            for (int i = 0; i < 3; i++) descriptors.Add(OpenStandard(i), out _);
            bool openAt2 = allowOpenAt2;
            foreach (WasiDirectory directory in options.Directories)
            {
                DirectoryDescriptor preopen = OpenPreopen(directory);
                openAt2 = openAt2 && PathResolver.KernelHasOpenAt2(preopen.Handle);
                descriptors.Add(preopen, out _);
            }
            paths = new PathResolver(openAt2);
        }
        catch
        {
            descriptors.Dispose();
            throw;
        }
    }

    /// <summary>Closes the guest's descriptors. The streams of the options stay open.</summary>
    public void Dispose()
    {
        descriptors.Dispose();
        Interlocked.Exchange(ref spareWake, null)?.Dispose();
    }

    // One of the standard streams, as it is at the guest's start.
    private Descriptor OpenStandard(int number)
    {
        (Stream? stream, WasiRights access) = number switch
        {
            0 => (options.StandardInput, WasiRights.FdRead),
            1 => (options.StandardOutput, WasiRights.FdWrite),
            _ => (options.StandardError, WasiRights.FdWrite),
        };
        // Where the process runs without this stream, an empty one keeps the guest's numbers in place.
        if (stream is null && FileDescriptor.Standard(number, access) is { } inherited) return inherited;
        return new StreamDescriptor(stream ?? Stream.Null, access) { StandardNumber = number };
    }

    private static DirectoryDescriptor OpenPreopen(WasiDirectory directory)
    {
        string full = Path.GetFullPath(directory.HostPath);
        if (directory.GuestPath.Contains('\0')) throw new ArgumentException("A guest path holds a NUL character.");
        byte[] path = Encoding.UTF8.GetBytes(full + '\0');
        int descriptor;
        fixed (byte* text = path)
        {
            descriptor = Libc.Open(text, LinuxFlags.ReadOnly | LinuxFlags.Directory | LinuxFlags.CloseOnExec, 0);
        }
        if (descriptor < 0)
        {
            string why = $"The directory \"{directory.HostPath}\" can't be opened for the guest";
            throw LinuxErrno.Last switch
            {
                LinuxErrno.ENOENT => new DirectoryNotFoundException(why + ": it doesn't exist."),
                LinuxErrno.ENOTDIR => new IOException(why + ": it isn't a directory."),
                LinuxErrno.EACCES => new IOException(why + ": permission denied."),
                int error => new IOException($"{why} (error {error})."),
            };
        }
        string name = directory.GuestPath.Length == 0 ? "." : directory.GuestPath;
        return new DirectoryDescriptor(
            new SafeFileDescriptor(descriptor, ownsHandle: true), WasiRights.Directory, WasiRights.All,
            WasiFdFlags.None, directory.ReadOnly, Encoding.UTF8.GetBytes(name));
    }

    // Finds an open descriptor that has the rights a function needs.
    private WasiErrno Find(uint number, WasiRights needed, out Descriptor descriptor)
    {
        Descriptor? found = descriptors.Find(number);
        descriptor = found!;
        return found is null ? WasiErrno.BadDescriptor : found.Require(needed);
    }

    // Finds a directory for a path function; a descriptor of another kind is `notdir`.
    private WasiErrno FindDirectory(uint number, WasiRights needed, out DirectoryDescriptor directory)
    {
        Descriptor? found = descriptors.Find(number);
        directory = (found as DirectoryDescriptor)!;
        if (found is null) return WasiErrno.BadDescriptor;
        return directory is null ? WasiErrno.NotDirectory : directory.Require(needed);
    }
}
