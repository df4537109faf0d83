// Owns the native block of one instance. The guest layer fills in the arrays (it knows what its imports are) and keeps the
// owners of everything pointed to alive as long as the instance: the pointers here hold nothing.

using System.Runtime.InteropServices;

namespace Anneal.Runtime;

/// <summary>An instance of a <see cref="CodeUnit"/>: the owner of its <see cref="InstanceState"/>.</summary>
internal sealed unsafe class GuestInstance : IDisposable
{
    private InstanceState* state;
    private GCHandle self;

    public GuestInstance(CodeUnit code)
    {
        Code = code;
        state = (InstanceState*)NativeMemory.AllocZeroed((nuint)code.Layout.Size);
        self = GCHandle.Alloc(this, GCHandleType.Weak);
        state->Owner = GCHandle.ToIntPtr(self);
        for (int i = code.Layout.Counts.ImportedGlobals; i < code.Layout.Counts.Globals; i++)
            Globals[i] = (ulong*)((byte*)state + code.Layout.Cells + ((i - code.Layout.Counts.ImportedGlobals) * InstanceLayout.CellBytes));
    }

    ~GuestInstance() => Free();

    public CodeUnit Code { get; }

    public InstanceState* State => state;

    /// <summary>What the guest layer knows the instance as.</summary>
    public object? Guest { get; set; }

    /// <summary>Pointers to the cells of all globals; own ones are filled in already.</summary>
    public ulong** Globals => (ulong**)((byte*)state + Code.Layout.Globals);

    public MemoryState** Memories => (MemoryState**)((byte*)state + Code.Layout.Memories);

    public TableState** Tables => (TableState**)((byte*)state + Code.Layout.Tables);

    public SegmentState* DataSegments => (SegmentState*)((byte*)state + Code.Layout.DataSegments);

    public SegmentState* ElementSegments => (SegmentState*)((byte*)state + Code.Layout.ElementSegments);

    /// <summary>Pointers to the references of all functions, imported ones first.</summary>
    public FunctionReference** Functions => (FunctionReference**)((byte*)state + Code.Layout.Functions);

    /// <summary>The references of the instance's own functions.</summary>
    public FunctionReference* OwnReferences => (FunctionReference*)((byte*)state + Code.Layout.OwnReferences);

    /// <summary>The managed owner of a state that is in use.</summary>
    public static GuestInstance Of(InstanceState* state) => (GuestInstance)GCHandle.FromIntPtr(state->Owner).Target!;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (state == null) return;
        NativeMemory.Free(state);
        state = null;
        self.Free();
    }
}
