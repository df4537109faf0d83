// Binds a delegate type to a guest's function: through the closed generic callers where they have the arity and no value
// needs a check, else through a compiled expression over the boxed call.

using System.Linq.Expressions;

namespace Anneal.Wasm.Runtime;

/// <summary>Makes delegates that call guest functions.</summary>
internal static class GuestSignature
{
    /// <exception cref="ArgumentException">The delegate type's signature isn't the function's.</exception>
    public static Delegate Bind(Function function, Type delegateType)
    {
        var signature = Signature.Of(delegateType);
        if (!signature.Fits(function.Type)) throw new ArgumentException($"{Describe(signature)} doesn't fit a function of type {function.Type}");
        if (!signature.IsSmall || !Signature.IsTotal(function.Type)) return BindBoxed(function, delegateType, signature);
        Type[] arguments = signature.TypeArguments();
        Type open = (signature.Results.Length != 0 ? Functions : Actions)[signature.Parameters.Length];
        Type closed = arguments.Length == 0 ? open : open.MakeGenericType(arguments);
        object caller = Activator.CreateInstance(closed, function)!;
        return Delegate.CreateDelegate(delegateType, caller, "Invoke");
    }

    private static Delegate BindBoxed(Function function, Type delegateType, Signature signature)
    {
        ParameterExpression[] parameters = [.. signature.Parameters.Select(type => Expression.Parameter(type))];
        Expression arguments = Expression.NewArrayInit(typeof(object), parameters.Select(parameter => Expression.Convert(parameter, typeof(object))));
        Expression call = Expression.Call(Expression.Constant(new BoxedCaller(function, signature)), nameof(BoxedCaller.Invoke), null, arguments);
        Expression body = signature.Results.Length == 0 ? call : Expression.Convert(call, signature.Result);
        return Expression.Lambda(delegateType, body, parameters).Compile();
    }

    private static string Describe(Signature signature) =>
        $"A delegate ({string.Join(", ", signature.Parameters.Select(type => type.Name))}) -> ({string.Join(", ", signature.Results.Select(type => type.Name))})";

    /// <summary>Calls with boxed arguments, and makes of the results what the signature says.</summary>
    private sealed class BoxedCaller(Function function, Signature signature)
    {
        public object? Invoke(object?[] arguments)
        {
            object? result = function.Invoke(arguments);
            if (signature.Results.Length == 0) return null;
            if (signature.Result == signature.Results[0]) return BoxedHostFunction.ToParameter(result, signature.Result);
            object?[] values = signature.Results.Length == 1 ? [result] : (object?[])result!;
            for (int i = 0; i < values.Length; i++) values[i] = BoxedHostFunction.ToParameter(values[i], signature.Results[i]);
            return Tuple(signature.Result, values);
        }

        private static object Tuple(Type type, ReadOnlySpan<object?> values)
        {
            Type[] items = type.GetGenericArguments();
            object?[] arguments = items.Length == 8 ? [.. values[..7], Tuple(items[7], values[7..])] : values.ToArray();
            return Activator.CreateInstance(type, arguments)!;
        }
    }

    private static readonly Type[] Actions =
    [
        typeof(GuestAction), typeof(GuestAction<>), typeof(GuestAction<,>), typeof(GuestAction<,,>), typeof(GuestAction<,,,>),
        typeof(GuestAction<,,,,>), typeof(GuestAction<,,,,,>), typeof(GuestAction<,,,,,,>), typeof(GuestAction<,,,,,,,>),
    ];

    private static readonly Type[] Functions =
    [
        typeof(GuestFunc<,>), typeof(GuestFunc<,,>), typeof(GuestFunc<,,,>), typeof(GuestFunc<,,,,>), typeof(GuestFunc<,,,,,>),
        typeof(GuestFunc<,,,,,,>), typeof(GuestFunc<,,,,,,,>), typeof(GuestFunc<,,,,,,,,>), typeof(GuestFunc<,,,,,,,,,>),
    ];
}
