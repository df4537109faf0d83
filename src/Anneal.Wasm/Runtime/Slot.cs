// One value between .NET and a 64-bit slot, without boxing. Each method is a chain of comparisons of T that the
// just-in-time compiler decides, so that one load or store is left. i32 and f32 are zero-extended in their slot: the
// slot invariant that guarded memory accesses rely on. Called by the closed generic host functions and guest callers.

using System.Runtime.CompilerServices;

namespace Anneal.Wasm.Runtime;

/// <summary>Converts values of the types that signatures may name: int, uint, long, ulong, float, double, object, Function.</summary>
internal static unsafe class Slot
{
    /// <summary>The position of argument <paramref name="index"/> where the first parameter may be the <see cref="Caller"/>, which has no slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Index<TFirst>(int index) => typeof(TFirst) == typeof(Caller) ? index - 1 : index;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ReadFirst<T>(ulong* slots, Caller caller)
    {
        if (typeof(T) == typeof(Caller)) return Unsafe.As<Caller, T>(ref caller);
        return Read<T>(slots[0], caller.Store);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(ulong slot, Store store)
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint) || typeof(T) == typeof(float))
        {
            uint low = (uint)slot;
            return Unsafe.As<uint, T>(ref low);
        }

        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong) || typeof(T) == typeof(double)) return Unsafe.As<ulong, T>(ref slot);
        return (T)ReadReference(typeof(T) == typeof(Function), slot, store)!;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Write<T>(T value, Store store)
    {
        if (typeof(T) == typeof(int) || typeof(T) == typeof(uint) || typeof(T) == typeof(float)) return Unsafe.As<T, uint>(ref value);
        if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong) || typeof(T) == typeof(double)) return Unsafe.As<T, ulong>(ref value);
        return typeof(T) == typeof(Function) ? store.SlotOf((Function?)(object?)value) : store.Objects.HandleOf(value);
    }

    /// <summary>Whether a value of the type needs the store's table of objects.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsObject<T>() => typeof(T) == typeof(object);

    private static object? ReadReference(bool isFunction, ulong slot, Store store) =>
        isFunction ? store.FunctionAt(slot) : store.Objects[slot];
}
