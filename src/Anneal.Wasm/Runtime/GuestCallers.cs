// Calls of guest functions by arity, behind the typed delegates of Function.Wrap: enter the store, write the arguments,
// run, read the results; nothing is allocated. Made by GuestSignature through reflection. A table of one shape: the
// arities are the rows.

namespace Anneal.Wasm.Runtime;

internal sealed unsafe class GuestAction(Function function) : GuestCaller(function)
{
    public void Invoke()
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            store.Run(Reference, slots);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestFunc<TResult, TCodec>(Function function) : GuestCaller(function)
    where TCodec : struct, IResults<TResult>
{
    public TResult Invoke()
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            store.Run(Reference, slots);
            return TCodec.Read(slots, store);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestAction<T1>(Function function) : GuestCaller(function)
{
    public void Invoke(T1 a1)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            store.Run(Reference, slots);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestFunc<T1, TResult, TCodec>(Function function) : GuestCaller(function)
    where TCodec : struct, IResults<TResult>
{
    public TResult Invoke(T1 a1)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            store.Run(Reference, slots);
            return TCodec.Read(slots, store);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestAction<T1, T2>(Function function) : GuestCaller(function)
{
    public void Invoke(T1 a1, T2 a2)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            store.Run(Reference, slots);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestFunc<T1, T2, TResult, TCodec>(Function function) : GuestCaller(function)
    where TCodec : struct, IResults<TResult>
{
    public TResult Invoke(T1 a1, T2 a2)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            store.Run(Reference, slots);
            return TCodec.Read(slots, store);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestAction<T1, T2, T3>(Function function) : GuestCaller(function)
{
    public void Invoke(T1 a1, T2 a2, T3 a3)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            store.Run(Reference, slots);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestFunc<T1, T2, T3, TResult, TCodec>(Function function) : GuestCaller(function)
    where TCodec : struct, IResults<TResult>
{
    public TResult Invoke(T1 a1, T2 a2, T3 a3)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            store.Run(Reference, slots);
            return TCodec.Read(slots, store);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestAction<T1, T2, T3, T4>(Function function) : GuestCaller(function)
{
    public void Invoke(T1 a1, T2 a2, T3 a3, T4 a4)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            store.Run(Reference, slots);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestFunc<T1, T2, T3, T4, TResult, TCodec>(Function function) : GuestCaller(function)
    where TCodec : struct, IResults<TResult>
{
    public TResult Invoke(T1 a1, T2 a2, T3 a3, T4 a4)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            store.Run(Reference, slots);
            return TCodec.Read(slots, store);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestAction<T1, T2, T3, T4, T5>(Function function) : GuestCaller(function)
{
    public void Invoke(T1 a1, T2 a2, T3 a3, T4 a4, T5 a5)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            slots[4] = Slot.Write(a5, store);
            store.Run(Reference, slots);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestFunc<T1, T2, T3, T4, T5, TResult, TCodec>(Function function) : GuestCaller(function)
    where TCodec : struct, IResults<TResult>
{
    public TResult Invoke(T1 a1, T2 a2, T3 a3, T4 a4, T5 a5)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            slots[4] = Slot.Write(a5, store);
            store.Run(Reference, slots);
            return TCodec.Read(slots, store);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestAction<T1, T2, T3, T4, T5, T6>(Function function) : GuestCaller(function)
{
    public void Invoke(T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            slots[4] = Slot.Write(a5, store);
            slots[5] = Slot.Write(a6, store);
            store.Run(Reference, slots);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestFunc<T1, T2, T3, T4, T5, T6, TResult, TCodec>(Function function) : GuestCaller(function)
    where TCodec : struct, IResults<TResult>
{
    public TResult Invoke(T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            slots[4] = Slot.Write(a5, store);
            slots[5] = Slot.Write(a6, store);
            store.Run(Reference, slots);
            return TCodec.Read(slots, store);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestAction<T1, T2, T3, T4, T5, T6, T7>(Function function) : GuestCaller(function)
{
    public void Invoke(T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6, T7 a7)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            slots[4] = Slot.Write(a5, store);
            slots[5] = Slot.Write(a6, store);
            slots[6] = Slot.Write(a7, store);
            store.Run(Reference, slots);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestFunc<T1, T2, T3, T4, T5, T6, T7, TResult, TCodec>(Function function) : GuestCaller(function)
    where TCodec : struct, IResults<TResult>
{
    public TResult Invoke(T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6, T7 a7)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            slots[4] = Slot.Write(a5, store);
            slots[5] = Slot.Write(a6, store);
            slots[6] = Slot.Write(a7, store);
            store.Run(Reference, slots);
            return TCodec.Read(slots, store);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestAction<T1, T2, T3, T4, T5, T6, T7, T8>(Function function) : GuestCaller(function)
{
    public void Invoke(T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6, T7 a7, T8 a8)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            slots[4] = Slot.Write(a5, store);
            slots[5] = Slot.Write(a6, store);
            slots[6] = Slot.Write(a7, store);
            slots[7] = Slot.Write(a8, store);
            store.Run(Reference, slots);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}

internal sealed unsafe class GuestFunc<T1, T2, T3, T4, T5, T6, T7, T8, TResult, TCodec>(Function function) : GuestCaller(function)
    where TCodec : struct, IResults<TResult>
{
    public TResult Invoke(T1 a1, T2 a2, T3 a3, T4 a4, T5 a5, T6 a6, T7 a7, T8 a8)
    {
        Store store = Store;
        ulong* slots = store.Enter(Slots);
        try
        {
            slots[0] = Slot.Write(a1, store);
            slots[1] = Slot.Write(a2, store);
            slots[2] = Slot.Write(a3, store);
            slots[3] = Slot.Write(a4, store);
            slots[4] = Slot.Write(a5, store);
            slots[5] = Slot.Write(a6, store);
            slots[6] = Slot.Write(a7, store);
            slots[7] = Slot.Write(a8, store);
            store.Run(Reference, slots);
            return TCodec.Read(slots, store);
        }
        finally
        {
            store.Exit(slots);
        }
    }
}
