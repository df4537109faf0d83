using System.Runtime.InteropServices;
using Anneal.Runtime;

namespace Anneal.Wasm.Runtime;

/// <summary>The native cell of a global that the host made.</summary>
internal sealed unsafe class GlobalCell : IDisposable
{
    public GlobalCell() => Address = (ulong*)NativeMemory.AllocZeroed(InstanceLayout.CellBytes);

    ~GlobalCell() => Free();

    public ulong* Address { get; private set; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(Address);
        Address = null;
    }
}
