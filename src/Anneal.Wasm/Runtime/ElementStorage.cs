using System.Runtime.InteropServices;

namespace Anneal.Wasm.Runtime;

/// <summary>The evaluated elements of an instance's passive element segments, in native memory that guest code reads.</summary>
internal sealed unsafe class ElementStorage : IDisposable
{
    public ElementStorage(nuint count) => Start = (ulong*)NativeMemory.AllocZeroed(count, sizeof(ulong));

    ~ElementStorage() => Free();

    public ulong* Start { get; private set; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(Start);
        Start = null;
    }
}
