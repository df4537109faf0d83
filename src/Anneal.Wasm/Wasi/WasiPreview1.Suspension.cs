// The descriptors of a guest that is suspended, and of one that goes on. A descriptor is carried by what would open it again: a
// standard stream by its number, a preopen by its name, a file by its path beneath a preopen, which is resolved beneath the
// other store's preopen of that name as any path of a guest. Where the very descriptor is still open, it's kept and set back.

using System.Runtime.CompilerServices;
using System.Text;
using Anneal.Wasm.Suspension;
using Anneal.Wasm.Wasi.Descriptors;
using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi;

internal sealed unsafe partial class WasiPreview1
{
    /// <summary>The state of the descriptors.</summary>
    public WasiImage Capture()
    {
        ReadOnlySpan<Descriptor?> open = descriptors.Snapshot();
        var images = new DescriptorImage?[open.Length];
        for (int i = 0; i < open.Length; i++)
        {
            if (open[i] is { } descriptor) images[i] = Capture(descriptor, open);
        }

        return new WasiImage(images);
    }

    /// <summary>Opens the descriptors of an image, or finds them among those that are open; changes nothing.</summary>
    /// <exception cref="StateImageException">One can't be had here.</exception>
    public WasiRestoration Prepare(WasiImage image)
    {
        if (image.Descriptors.Length > descriptors.Maximum) throw new StateImageException($"the image has {image.Descriptors.Length} descriptors, of {descriptors.Maximum} that the guest may have");
        var restoration = new WasiRestoration(descriptors, image);
        try
        {
            var kept = new HashSet<Descriptor>(ReferenceEqualityComparer.Instance);
            for (int i = 0; i < image.Descriptors.Length; i++)
            {
                if (image.Descriptors[i] is not { } wanted) continue;
                if (FindOpen(wanted) is { } descriptor && kept.Add(descriptor)) restoration.Keep(i, descriptor);
                else restoration.Open(i, Open(i, wanted));
            }
        }
        catch
        {
            restoration.Dispose();
            throw;
        }

        return restoration;
    }

    private DescriptorImage Capture(Descriptor descriptor, ReadOnlySpan<Descriptor?> open)
    {
        var image = new DescriptorImage
        {
            Kind = DescriptorKind.Fixed,
            Rights = descriptor.Rights,
            Inheriting = descriptor.Inheriting,
            Flags = descriptor.Flags,
            Origin = new WeakReference<Descriptor>(descriptor),
        };
        if (descriptor.StandardNumber >= 0) return CaptureStandard(image, descriptor);
        if (descriptor is DirectoryDescriptor { PreopenName: { } name })
            return image with { Kind = DescriptorKind.Preopen, Preopen = name, Number = OrdinalOf(descriptor, name, open) };
        if (descriptor is not DirectoryDescriptor && descriptor.FileType != WasiFileType.RegularFile)
            return image with { Refusal = $"it's a {descriptor.FileType}" };
        if (TargetOf(descriptor) is not { } path) return image with { Refusal = "the file has been deleted, or its path can't be found" };
        foreach (Descriptor? candidate in open)
        {
            if (candidate is not DirectoryDescriptor { PreopenName: { } preopen } || TargetOf(candidate) is not { } root) continue;
            string prefix = root == "/" ? root : root + "/";
            if (!path.StartsWith(prefix, StringComparison.Ordinal)) continue;
            long offset = 0;
            if (descriptor is FileDescriptor && descriptor.Seek(0, 1, out ulong position) == WasiErrno.Success) offset = (long)position;
            return image with
            {
                Kind = descriptor is DirectoryDescriptor ? DescriptorKind.Directory : DescriptorKind.File,
                Preopen = preopen,
                Number = OrdinalOf(candidate, preopen, open),
                Path = Encoding.UTF8.GetBytes(path[prefix.Length..]),
                Offset = offset,
            };
        }

        return image with { Refusal = "it isn't beneath a preopened directory that the guest has kept" };
    }

    private static DescriptorImage CaptureStandard(DescriptorImage image, Descriptor descriptor)
    {
        image = image with { Kind = DescriptorKind.Standard, Number = descriptor.StandardNumber };
        if (descriptor is not StreamDescriptor stream) return image;
        byte[]? ahead = stream.ReadAhead(out bool ended);
        return image with { ReadAhead = ahead, Ended = ended, Refusal = ahead is null ? "a read from the host's stream is under way" : null };
    }

    // Several preopens may have one name. Those that the guest has closed don't count; a later one can't be told apart from them then.
    private static int OrdinalOf(Descriptor descriptor, byte[] name, ReadOnlySpan<Descriptor?> open)
    {
        int ordinal = 0;
        foreach (Descriptor? other in open)
        {
            if (ReferenceEquals(other, descriptor)) break;
            if (other is DirectoryDescriptor { PreopenName: { } preopen } && preopen.AsSpan().SequenceEqual(name)) ordinal++;
        }

        return ordinal;
    }

    // The host's path of an open file; null if it has none any more.
    private static string? TargetOf(Descriptor descriptor)
    {
        if (descriptor.Handle is not { } handle) return null;
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            string? target = new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle()}").LinkTarget;
            return target is null || target.Contains('\uFFFD') || !Path.Exists(target) ? null : target;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        finally
        {
            if (held) handle.DangerousRelease();
        }
    }

    private Descriptor? FindOpen(DescriptorImage wanted)
    {
        if (wanted.Origin is null || !wanted.Origin.TryGetTarget(out Descriptor? origin)) return null;
        foreach (Descriptor? descriptor in descriptors.Snapshot())
        {
            if (ReferenceEquals(descriptor, origin)) return origin;
        }

        return null;
    }

    private Descriptor Open(int number, DescriptorImage wanted)
    {
        if (wanted.Refusal is { } refusal) throw Refused(number, refusal);
        switch (wanted.Kind)
        {
            case DescriptorKind.Standard:
                if (wanted.Number is < 0 or > 2) throw Refused(number, $"there's no standard stream {wanted.Number}");
                if (wanted.ReadAhead?.Length > StreamDescriptor.MostReadAhead) throw Refused(number, $"{wanted.ReadAhead.Length} bytes are read ahead of it");
                return OpenStandard(wanted.Number);
            case DescriptorKind.Preopen:
                return Within(number, wanted, OpenPreopen(PreopenOf(number, wanted)));
            case DescriptorKind.File or DescriptorKind.Directory:
                return Within(number, wanted, OpenBeneath(number, wanted));
            default:
                throw Refused(number, "it has no form outside its store");
        }
    }

    private WasiDirectory PreopenOf(int number, DescriptorImage wanted)
    {
        int ordinal = 0;
        foreach (WasiDirectory directory in options.Directories)
        {
            string name = directory.GuestPath.Length == 0 ? "." : directory.GuestPath;
            if (Encoding.UTF8.GetBytes(name).AsSpan().SequenceEqual(wanted.Preopen) && ordinal++ == wanted.Number) return directory;
        }

        throw Refused(number, $"the store's guests have no preopened directory \"{Encoding.UTF8.GetString(wanted.Preopen)}\"");
    }

    [SkipLocalsInit]
    private Descriptor OpenBeneath(int number, DescriptorImage wanted)
    {
        WasiDirectory directory = PreopenOf(number, wanted);
        bool isDirectory = wanted.Kind == DescriptorKind.Directory;
        bool writes = !isDirectory && (wanted.Rights & WasiRights.Writing) != 0;
        if (writes && directory.ReadOnly) throw Refused(number, $"it's open for writing, and \"{directory.GuestPath}\" is read-only here");
        int host = LinuxFlags.NoControllingTerminal | LinuxFlags.NonBlock | HostFlags(isDirectory ? WasiOpenFlags.Directory : 0, wanted.Flags);
        if (writes) host |= (wanted.Rights & WasiRights.Reading) != 0 ? LinuxFlags.ReadWrite : LinuxFlags.WriteOnly;
        using DirectoryDescriptor preopen = OpenPreopen(directory);
        PathBuffer text;
        Unsafe.SkipInit(out text);
        WasiErrno error = text.Set(wanted.Path);
        SafeFileDescriptor? file = null;
        if (error == WasiErrno.Success) error = paths.Open(preopen.Handle, ref text, host, NewFileMode, follow: false, out file);
        string path = Encoding.UTF8.GetString(wanted.Path);
        if (error != WasiErrno.Success) throw Refused(number, $"\"{path}\" can't be opened beneath \"{directory.GuestPath}\": {error}");
        Statx attributes;
        byte empty = 0;
        WasiFileType type = isDirectory ? WasiFileType.Directory : WasiFileType.RegularFile;
        if (Libc.Stat(file!, &empty, LinuxFlags.AtEmptyPath, Statx.BasicStats, &attributes) < 0 || attributes.FileType != type)
        {
            file!.Dispose();
            throw Refused(number, $"\"{path}\" isn't a {type} any more");
        }

        return isDirectory
            ? new DirectoryDescriptor(file!, wanted.Rights, wanted.Inheriting, wanted.Flags, directory.ReadOnly, preopenName: null)
            : FileDescriptor.Opened(file!, type, wanted.Rights, wanted.Flags, directory.ReadOnly);
    }

    // An image gives no descriptor more than it would have had from its opening.
    private static Descriptor Within(int number, DescriptorImage wanted, Descriptor descriptor)
    {
        if ((wanted.Rights & ~descriptor.Rights) == 0 && (wanted.Inheriting & ~descriptor.Inheriting) == 0) return descriptor;
        descriptor.Dispose();
        throw Refused(number, "it has rights that nothing of its kind has");
    }

    private static StateImageException Refused(int number, string why) => new($"descriptor {number} can't be carried over: {why}");
}
