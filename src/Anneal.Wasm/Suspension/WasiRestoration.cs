using Anneal.Wasm.Wasi.Descriptors;

namespace Anneal.Wasm.Suspension;

/// <summary>A WASI state's descriptors, opened and ready to be put in place of those that it has; disposed if it doesn't come to that.</summary>
internal sealed class WasiRestoration(DescriptorTable table, WasiImage image) : IDisposable
{
    private readonly Descriptor?[] descriptors = new Descriptor?[image.Descriptors.Length];
    private readonly HashSet<Descriptor> opened = new(ReferenceEqualityComparer.Instance);

    /// <summary>Gives a number a descriptor that the table has.</summary>
    public void Keep(int number, Descriptor descriptor) => descriptors[number] = descriptor;

    /// <summary>Gives a number a new descriptor.</summary>
    public void Open(int number, Descriptor descriptor)
    {
        opened.Add(descriptor);
        descriptors[number] = descriptor;
    }

    /// <summary>Puts the descriptors in place, each as it was used.</summary>
    public void Commit()
    {
        for (int i = 0; i < descriptors.Length; i++)
        {
            if (descriptors[i] is not { } descriptor || image.Descriptors[i] is not { } wanted) continue;
            // A new descriptor may be of something that can do less: a pipe in place of a file as standard output.
            bool isNew = opened.Contains(descriptor);
            descriptor.RestoreRights(isNew ? wanted.Rights & descriptor.Rights : wanted.Rights, isNew ? wanted.Inheriting & descriptor.Inheriting : wanted.Inheriting);
            if (descriptor.Flags != wanted.Flags) descriptor.SetFlags(wanted.Flags);
            if (wanted.Kind == DescriptorKind.File) descriptor.Seek(wanted.Offset, 0, out _);
            if (descriptor is StreamDescriptor stream && wanted.ReadAhead is { } bytes) stream.RestoreReadAhead(bytes, wanted.Ended);
        }

        table.Replace(descriptors);
        opened.Clear();
    }

    public void Dispose()
    {
        foreach (Descriptor descriptor in opened) descriptor.Dispose();
    }
}
