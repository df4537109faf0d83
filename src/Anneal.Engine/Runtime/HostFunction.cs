// A .NET function that guests can call. It owns a FunctionReference whose instance is a small state of its own, so that a
// call through a table, an import or a reference is the same for guest and host callees.

using System.Runtime.InteropServices;

namespace Anneal.Runtime;

/// <summary>A host function: derived classes turn slots into arguments and results into slots.</summary>
internal abstract unsafe class HostFunction : IDisposable
{
    private FunctionReference* reference;
    private GCHandle self;

    protected HostFunction(uint type, int parameterSlots, int resultSlots)
    {
        ParameterSlots = parameterSlots;
        ResultSlots = resultSlots;
        byte* block = (byte*)NativeMemory.AllocZeroed((nuint)(sizeof(FunctionReference) + sizeof(InstanceState)));
        reference = (FunctionReference*)block;
        reference->Instance = (InstanceState*)(block + sizeof(FunctionReference));
        reference->Type = type;
        reference->Function = -1;
        reference->Entry = Machine.IsStarted ? Machine.Instance!.Stubs.HostCall : 0;
        self = GCHandle.Alloc(this, GCHandleType.Weak);
        reference->Instance->Owner = GCHandle.ToIntPtr(self);
    }

    ~HostFunction() => Free();

    public FunctionReference* Reference => reference;

    /// <summary>Slots that the arguments take, from the window's first slot on.</summary>
    public int ParameterSlots { get; }

    /// <summary>Slots that the results take, in the same place.</summary>
    public int ResultSlots { get; }

    /// <summary>
    /// Slots between the call's window and that of a nested entry. At least one: a nested window at the start of the value stack
    /// would say that no host function runs.
    /// </summary>
    public int WindowSlots => Math.Max(1, Math.Max(ParameterSlots, ResultSlots));

    /// <summary>The managed owner of a host function's state.</summary>
    public static HostFunction Of(InstanceState* state) => (HostFunction)GCHandle.FromIntPtr(state->Owner).Target!;

    /// <summary>Calls the function. May throw anything; guest frames below are unwound then.</summary>
    /// <param name="execution">The execution that the calling guest runs in.</param>
    /// <param name="caller">The calling guest's instance; null if the host itself calls.</param>
    /// <param name="slots">Arguments in, results out; i32 and f32 zero-extended both ways.</param>
    public abstract void Invoke(Execution execution, InstanceState* caller, ulong* slots);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (reference == null) return;
        NativeMemory.Free(reference);
        reference = null;
        self.Free();
    }
}
