// A host function as defined, before it's in a store: its type and how to make the store's function. A linker's definition
// becomes a function in each store that it's used in, once.

using System.Reflection;

namespace Anneal.Wasm.Runtime;

/// <summary>A host function that stores can make.</summary>
internal sealed class HostDefinition
{
    private readonly Func<Store, StoreFunction> make;

    private HostDefinition(FunctionType type, Func<Store, StoreFunction> make)
    {
        Type = type;
        this.make = make;
    }

    public FunctionType Type { get; }

    /// <exception cref="ArgumentException">A type of the signature has no WebAssembly counterpart.</exception>
    public static HostDefinition Of(Engine engine, Delegate body)
    {
        var signature = Signature.Of(body.GetType());
        FunctionType type = signature.ToFunctionType(engine);
        if (!signature.IsSmall) return new HostDefinition(type, store => new BoxedHostFunction(store, type, body, signature));

        Type[] arguments = signature.TypeArguments();
        bool returns = signature.Results.Length != 0;
        Type open = (returns ? Functions : Actions)[signature.Parameters.Length];
        Type closed = arguments.Length == 0 ? open : open.MakeGenericType(arguments);
        ConstructorInvoker constructor = ConstructorInvoker.Create(closed.GetConstructors()[0]);
        Delegate target = Retype(body, closed.GetConstructors()[0].GetParameters()[2].ParameterType);
        return new HostDefinition(type, store => (StoreFunction)constructor.Invoke(store, type, target));
    }

    public static HostDefinition Of(FunctionType type, HostCallback body) =>
        new(type, store => new RawHostFunction(store, type, body));

    public static HostDefinition Of(FunctionType type, Func<Store, StoreFunction> make) => new(type, make);

    /// <summary>The function in a store, made at the first request.</summary>
    public unsafe Function In(Store store)
    {
        StoreFunction function = store.Resources.Service(this, make);
        return store.FunctionAt((ulong)function.Reference)!;
    }

    // Any delegate type with the signature will do; one that isn't Func or Action is called through one that is.
    private static Delegate Retype(Delegate body, Type type) =>
        body.GetType() == type ? body : Delegate.CreateDelegate(type, body, body.GetType().GetMethod("Invoke")!);

    private static readonly Type[] Actions =
    [
        typeof(HostAction), typeof(HostAction<>), typeof(HostAction<,>), typeof(HostAction<,,>), typeof(HostAction<,,,>),
        typeof(HostAction<,,,,>), typeof(HostAction<,,,,,>), typeof(HostAction<,,,,,,>), typeof(HostAction<,,,,,,,>),
    ];

    private static readonly Type[] Functions =
    [
        typeof(HostFunc<,>), typeof(HostFunc<,,>), typeof(HostFunc<,,,>), typeof(HostFunc<,,,,>), typeof(HostFunc<,,,,,>),
        typeof(HostFunc<,,,,,,>), typeof(HostFunc<,,,,,,,>), typeof(HostFunc<,,,,,,,,>), typeof(HostFunc<,,,,,,,,,>),
    ];
}
