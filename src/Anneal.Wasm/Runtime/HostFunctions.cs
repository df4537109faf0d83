// Host functions by arity: a .NET delegate with its argument and result types closed over, so that a call from the guest is
// a virtual call, loads, the delegate, a store; nothing is allocated. The first parameter may be the Caller. Made by
// HostSignature through reflection, once a definition. A table of one shape: the arities are the rows.

using Anneal.Runtime;

namespace Anneal.Wasm.Runtime;

internal sealed unsafe class HostAction(Store store, FunctionType type, Action body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        body();
}

internal sealed unsafe class HostFunc<TResult, TCodec>(Store store, FunctionType type, Func<TResult> body) : StoreFunction(store, type)
    where TCodec : struct, IResults<TResult>
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        TCodec.Write(body(), slots, Store);
}

internal sealed unsafe class HostAction<T1>(Store store, FunctionType type, Action<T1> body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        body(Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)));
}

internal sealed unsafe class HostFunc<T1, TResult, TCodec>(Store store, FunctionType type, Func<T1, TResult> body) : StoreFunction(store, type)
    where TCodec : struct, IResults<TResult>
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        TCodec.Write(body(Slot.ReadFirst<T1>(slots, CallerOf(execution, caller))), slots, Store);
}

internal sealed unsafe class HostAction<T1, T2>(Store store, FunctionType type, Action<T1, T2> body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store));
}

internal sealed unsafe class HostFunc<T1, T2, TResult, TCodec>(Store store, FunctionType type, Func<T1, T2, TResult> body) : StoreFunction(store, type)
    where TCodec : struct, IResults<TResult>
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        TCodec.Write(body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store)), slots, Store);
}

internal sealed unsafe class HostAction<T1, T2, T3>(Store store, FunctionType type, Action<T1, T2, T3> body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store));
}

internal sealed unsafe class HostFunc<T1, T2, T3, TResult, TCodec>(Store store, FunctionType type, Func<T1, T2, T3, TResult> body) : StoreFunction(store, type)
    where TCodec : struct, IResults<TResult>
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        TCodec.Write(body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store)), slots, Store);
}

internal sealed unsafe class HostAction<T1, T2, T3, T4>(Store store, FunctionType type, Action<T1, T2, T3, T4> body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store));
}

internal sealed unsafe class HostFunc<T1, T2, T3, T4, TResult, TCodec>(Store store, FunctionType type, Func<T1, T2, T3, T4, TResult> body) : StoreFunction(store, type)
    where TCodec : struct, IResults<TResult>
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        TCodec.Write(body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store)), slots, Store);
}

internal sealed unsafe class HostAction<T1, T2, T3, T4, T5>(Store store, FunctionType type, Action<T1, T2, T3, T4, T5> body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store),
            Slot.Read<T5>(slots[Slot.Index<T1>(4)], Store));
}

internal sealed unsafe class HostFunc<T1, T2, T3, T4, T5, TResult, TCodec>(Store store, FunctionType type, Func<T1, T2, T3, T4, T5, TResult> body) : StoreFunction(store, type)
    where TCodec : struct, IResults<TResult>
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        TCodec.Write(body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store),
            Slot.Read<T5>(slots[Slot.Index<T1>(4)], Store)), slots, Store);
}

internal sealed unsafe class HostAction<T1, T2, T3, T4, T5, T6>(Store store, FunctionType type, Action<T1, T2, T3, T4, T5, T6> body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store),
            Slot.Read<T5>(slots[Slot.Index<T1>(4)], Store),
            Slot.Read<T6>(slots[Slot.Index<T1>(5)], Store));
}

internal sealed unsafe class HostFunc<T1, T2, T3, T4, T5, T6, TResult, TCodec>(Store store, FunctionType type, Func<T1, T2, T3, T4, T5, T6, TResult> body) : StoreFunction(store, type)
    where TCodec : struct, IResults<TResult>
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        TCodec.Write(body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store),
            Slot.Read<T5>(slots[Slot.Index<T1>(4)], Store),
            Slot.Read<T6>(slots[Slot.Index<T1>(5)], Store)), slots, Store);
}

internal sealed unsafe class HostAction<T1, T2, T3, T4, T5, T6, T7>(Store store, FunctionType type, Action<T1, T2, T3, T4, T5, T6, T7> body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store),
            Slot.Read<T5>(slots[Slot.Index<T1>(4)], Store),
            Slot.Read<T6>(slots[Slot.Index<T1>(5)], Store),
            Slot.Read<T7>(slots[Slot.Index<T1>(6)], Store));
}

internal sealed unsafe class HostFunc<T1, T2, T3, T4, T5, T6, T7, TResult, TCodec>(Store store, FunctionType type, Func<T1, T2, T3, T4, T5, T6, T7, TResult> body) : StoreFunction(store, type)
    where TCodec : struct, IResults<TResult>
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        TCodec.Write(body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store),
            Slot.Read<T5>(slots[Slot.Index<T1>(4)], Store),
            Slot.Read<T6>(slots[Slot.Index<T1>(5)], Store),
            Slot.Read<T7>(slots[Slot.Index<T1>(6)], Store)), slots, Store);
}

internal sealed unsafe class HostAction<T1, T2, T3, T4, T5, T6, T7, T8>(Store store, FunctionType type, Action<T1, T2, T3, T4, T5, T6, T7, T8> body) : StoreFunction(store, type)
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store),
            Slot.Read<T5>(slots[Slot.Index<T1>(4)], Store),
            Slot.Read<T6>(slots[Slot.Index<T1>(5)], Store),
            Slot.Read<T7>(slots[Slot.Index<T1>(6)], Store),
            Slot.Read<T8>(slots[Slot.Index<T1>(7)], Store));
}

internal sealed unsafe class HostFunc<T1, T2, T3, T4, T5, T6, T7, T8, TResult, TCodec>(Store store, FunctionType type, Func<T1, T2, T3, T4, T5, T6, T7, T8, TResult> body) : StoreFunction(store, type)
    where TCodec : struct, IResults<TResult>
{
    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) =>
        TCodec.Write(body(
            Slot.ReadFirst<T1>(slots, CallerOf(execution, caller)),
            Slot.Read<T2>(slots[Slot.Index<T1>(1)], Store),
            Slot.Read<T3>(slots[Slot.Index<T1>(2)], Store),
            Slot.Read<T4>(slots[Slot.Index<T1>(3)], Store),
            Slot.Read<T5>(slots[Slot.Index<T1>(4)], Store),
            Slot.Read<T6>(slots[Slot.Index<T1>(5)], Store),
            Slot.Read<T7>(slots[Slot.Index<T1>(6)], Store),
            Slot.Read<T8>(slots[Slot.Index<T1>(7)], Store)), slots, Store);
}
