using Anneal.Runtime;
using Anneal.Wasm.Wasi;

namespace Anneal.Wasm.Runtime;

/// <summary>A WASI function of one store: works on the memory that the calling instance exports.</summary>
internal sealed unsafe class WasiHostFunction(Store store, FunctionType type, WasiFunction body, WasiLength? length, WasiPreview1 wasi) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots)
    {
        LinearMemory? linear = caller == null ? null : ((Instance?)GuestInstance.Of(caller).Guest)?.DefaultMemory?.Linear;
        GuestMemory memory = linear is null ? default : new GuestMemory(linear.Base, linear.Length);
        var arguments = new ReadOnlySpan<ulong>(slots, ParameterSlots);
        if (execution.IsMetered && caller != null && length is not null) execution.Charge(FuelRates.OfBytes(length(memory, arguments)));
        int errno = body(wasi, memory, arguments, execution.Cancellation);
        if (ResultSlots != 0) slots[0] = (uint)errno;
        GC.KeepAlive(linear);
    }

    /// <summary>The type of a signature such as <c>iiI:i</c>.</summary>
    public static FunctionType TypeOf(string signature, TypeRegistry types)
    {
        int colon = signature.IndexOf(':');
        return types.Intern(Parse(signature.AsSpan(0, colon)), Parse(signature.AsSpan(colon + 1)));
    }

    private static ValueType[] Parse(ReadOnlySpan<char> letters)
    {
        var parsed = new ValueType[letters.Length];
        for (int i = 0; i < letters.Length; i++) parsed[i] = letters[i] == 'I' ? ValueType.I64 : ValueType.I32;
        return parsed;
    }
}
