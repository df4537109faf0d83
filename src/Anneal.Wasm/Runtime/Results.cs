// The result of a typed call: one value, or several as a ValueTuple. Struct type arguments, so that the just-in-time
// compiler makes straight code for each signature. Before results that are objects are given handles, the store may
// collect dead ones: never between two of one call, whose handles no root would hold yet. A family, one file.

namespace Anneal.Wasm.Runtime;

/// <summary>Moves a call's results between a .NET value and slots.</summary>
internal unsafe interface IResults<T>
{
    static abstract T Read(ulong* slots, Store store);

    static abstract void Write(T value, ulong* slots, Store store);
}

internal readonly unsafe struct OneResult<T> : IResults<T>
{
    public static T Read(ulong* slots, Store store) => Slot.Read<T>(slots[0], store);

    public static void Write(T value, ulong* slots, Store store)
    {
        if (Slot.IsObject<T>()) store.CollectObjects();
        slots[0] = Slot.Write(value, store);
    }
}

internal readonly unsafe struct TwoResults<T1, T2> : IResults<(T1, T2)>
{
    public static (T1, T2) Read(ulong* slots, Store store) =>
        (Slot.Read<T1>(slots[0], store), Slot.Read<T2>(slots[1], store));

    public static void Write((T1, T2) value, ulong* slots, Store store)
    {
        store.CollectObjects();
        slots[0] = Slot.Write(value.Item1, store);
        slots[1] = Slot.Write(value.Item2, store);
    }
}

internal readonly unsafe struct ThreeResults<T1, T2, T3> : IResults<(T1, T2, T3)>
{
    public static (T1, T2, T3) Read(ulong* slots, Store store) =>
        (Slot.Read<T1>(slots[0], store), Slot.Read<T2>(slots[1], store), Slot.Read<T3>(slots[2], store));

    public static void Write((T1, T2, T3) value, ulong* slots, Store store)
    {
        store.CollectObjects();
        slots[0] = Slot.Write(value.Item1, store);
        slots[1] = Slot.Write(value.Item2, store);
        slots[2] = Slot.Write(value.Item3, store);
    }
}

internal readonly unsafe struct FourResults<T1, T2, T3, T4> : IResults<(T1, T2, T3, T4)>
{
    public static (T1, T2, T3, T4) Read(ulong* slots, Store store) =>
        (Slot.Read<T1>(slots[0], store), Slot.Read<T2>(slots[1], store), Slot.Read<T3>(slots[2], store), Slot.Read<T4>(slots[3], store));

    public static void Write((T1, T2, T3, T4) value, ulong* slots, Store store)
    {
        store.CollectObjects();
        slots[0] = Slot.Write(value.Item1, store);
        slots[1] = Slot.Write(value.Item2, store);
        slots[2] = Slot.Write(value.Item3, store);
        slots[3] = Slot.Write(value.Item4, store);
    }
}

internal readonly unsafe struct FiveResults<T1, T2, T3, T4, T5> : IResults<(T1, T2, T3, T4, T5)>
{
    public static (T1, T2, T3, T4, T5) Read(ulong* slots, Store store) =>
        (Slot.Read<T1>(slots[0], store), Slot.Read<T2>(slots[1], store), Slot.Read<T3>(slots[2], store), Slot.Read<T4>(slots[3], store), Slot.Read<T5>(slots[4], store));

    public static void Write((T1, T2, T3, T4, T5) value, ulong* slots, Store store)
    {
        store.CollectObjects();
        slots[0] = Slot.Write(value.Item1, store);
        slots[1] = Slot.Write(value.Item2, store);
        slots[2] = Slot.Write(value.Item3, store);
        slots[3] = Slot.Write(value.Item4, store);
        slots[4] = Slot.Write(value.Item5, store);
    }
}

internal readonly unsafe struct SixResults<T1, T2, T3, T4, T5, T6> : IResults<(T1, T2, T3, T4, T5, T6)>
{
    public static (T1, T2, T3, T4, T5, T6) Read(ulong* slots, Store store) =>
        (Slot.Read<T1>(slots[0], store), Slot.Read<T2>(slots[1], store), Slot.Read<T3>(slots[2], store), Slot.Read<T4>(slots[3], store), Slot.Read<T5>(slots[4], store), Slot.Read<T6>(slots[5], store));

    public static void Write((T1, T2, T3, T4, T5, T6) value, ulong* slots, Store store)
    {
        store.CollectObjects();
        slots[0] = Slot.Write(value.Item1, store);
        slots[1] = Slot.Write(value.Item2, store);
        slots[2] = Slot.Write(value.Item3, store);
        slots[3] = Slot.Write(value.Item4, store);
        slots[4] = Slot.Write(value.Item5, store);
        slots[5] = Slot.Write(value.Item6, store);
    }
}

internal readonly unsafe struct SevenResults<T1, T2, T3, T4, T5, T6, T7> : IResults<(T1, T2, T3, T4, T5, T6, T7)>
{
    public static (T1, T2, T3, T4, T5, T6, T7) Read(ulong* slots, Store store) =>
        (Slot.Read<T1>(slots[0], store), Slot.Read<T2>(slots[1], store), Slot.Read<T3>(slots[2], store), Slot.Read<T4>(slots[3], store), Slot.Read<T5>(slots[4], store), Slot.Read<T6>(slots[5], store), Slot.Read<T7>(slots[6], store));

    public static void Write((T1, T2, T3, T4, T5, T6, T7) value, ulong* slots, Store store)
    {
        store.CollectObjects();
        slots[0] = Slot.Write(value.Item1, store);
        slots[1] = Slot.Write(value.Item2, store);
        slots[2] = Slot.Write(value.Item3, store);
        slots[3] = Slot.Write(value.Item4, store);
        slots[4] = Slot.Write(value.Item5, store);
        slots[5] = Slot.Write(value.Item6, store);
        slots[6] = Slot.Write(value.Item7, store);
    }
}
