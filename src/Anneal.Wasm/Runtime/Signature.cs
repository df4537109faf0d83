// What a .NET signature is in WebAssembly. Reflection, once a definition or delegate; the closed generic classes made here
// do the calls. Signatures beyond their arities (more than eight parameters, or seven results) take the boxed path.

using System.Reflection;
using System.Runtime.CompilerServices;

namespace Anneal.Wasm.Runtime;

/// <summary>The parameter and result types of a delegate type.</summary>
internal sealed class Signature
{
    /// <summary>The most parameters, Caller included, that the closed generic classes have.</summary>
    public const int MaxParameters = 8;

    /// <summary>The most results that they have.</summary>
    public const int MaxResults = 7;

    private Signature(MethodInfo method)
    {
        Method = method;
        Parameters = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
        Result = method.ReturnType;
        TakesCaller = Parameters.Length > 0 && Parameters[0] == typeof(Caller);
        Results = Result == typeof(void) ? [] : IsTuple(Result) ? Flatten(Result) : [Result];
    }

    /// <summary>The delegate type's Invoke.</summary>
    public MethodInfo Method { get; }

    /// <summary>All parameters, the Caller included.</summary>
    public Type[] Parameters { get; }

    /// <summary>The result as .NET has it.</summary>
    public Type Result { get; }

    /// <summary>The results one by one.</summary>
    public Type[] Results { get; }

    /// <summary>Whether the first parameter is the Caller.</summary>
    public bool TakesCaller { get; }

    /// <summary>The parameters that are WebAssembly's.</summary>
    public ReadOnlySpan<Type> Values => Parameters.AsSpan(TakesCaller ? 1 : 0);

    /// <summary>Whether the closed generic classes have this arity.</summary>
    public bool IsSmall => Parameters.Length <= MaxParameters && Results.Length <= MaxResults;

    public static Signature Of(Type delegateType) => new(delegateType.GetMethod("Invoke")
        ?? throw new ArgumentException($"{delegateType.Name} is no particular delegate type"));

    /// <summary>The function type of a host function with this signature.</summary>
    /// <exception cref="ArgumentException">A type has no counterpart.</exception>
    public FunctionType ToFunctionType(Engine engine)
    {
        var parameters = new ValueType[Values.Length];
        for (int i = 0; i < parameters.Length; i++) parameters[i] = ToValueType(Values[i]);
        var results = new ValueType[Results.Length];
        for (int i = 0; i < results.Length; i++) results[i] = ToValueType(Results[i]);
        return engine.StateOf(TypeRegistry.New).Intern(parameters, results);
    }

    /// <summary>Whether a guest's function of this type can be called through the signature.</summary>
    public bool Fits(FunctionType type)
    {
        if (TakesCaller || Parameters.Length != type.Parameters.Length || Results.Length != type.Results.Length) return false;
        for (int i = 0; i < Parameters.Length; i++)
        {
            if (!Fits(Parameters[i], type.Parameters[i])) return false;
        }

        for (int i = 0; i < Results.Length; i++)
        {
            if (!Fits(Results[i], type.Results[i])) return false;
        }

        return true;
    }

    /// <summary>Whether every .NET value of the signature is one of the type, so that no check is needed.</summary>
    public static bool IsTotal(FunctionType type)
    {
        foreach (ValueType parameter in type.Parameters)
        {
            if (parameter.IsReference && parameter != ValueType.FuncRef && parameter != ValueType.ExternRef) return false;
        }

        return true;
    }

    /// <summary>The type arguments of the closed generic classes: parameters, then result and how it's moved.</summary>
    public Type[] TypeArguments() =>
        Results.Length == 0 ? Parameters : [.. Parameters, Result, ResultsType()];

    private Type ResultsType() => Result == Results[0]
        ? typeof(OneResult<>).MakeGenericType(Result)
        : (Results.Length switch
        {
            2 => typeof(TwoResults<,>),
            3 => typeof(ThreeResults<,,>),
            4 => typeof(FourResults<,,,>),
            5 => typeof(FiveResults<,,,,>),
            6 => typeof(SixResults<,,,,,>),
            _ => typeof(SevenResults<,,,,,,>),
        }).MakeGenericType(Results);

    private static ValueType ToValueType(Type type)
    {
        if (type == typeof(int) || type == typeof(uint)) return ValueType.I32;
        if (type == typeof(long) || type == typeof(ulong)) return ValueType.I64;
        if (type == typeof(float)) return ValueType.F32;
        if (type == typeof(double)) return ValueType.F64;
        if (type == typeof(Function)) return ValueType.FuncRef;
        if (type == typeof(object)) return ValueType.ExternRef;
        throw new ArgumentException($"{type} has no WebAssembly type; there are int, uint, long, ulong, float, double, object and Function, and Caller as a first parameter.");
    }

    /// <summary>Whether values of a .NET type are those of a WebAssembly type.</summary>
    public static bool Fits(Type type, ValueType value)
    {
        if (type == typeof(Function)) return ReferenceKinds.IsFunction(value);
        if (type == typeof(object)) return ReferenceKinds.IsObject(value);
        return IsNumber(type) && ToValueType(type) == value;
    }

    private static bool IsNumber(Type type) =>
        type == typeof(int) || type == typeof(uint) || type == typeof(long) || type == typeof(ulong) || type == typeof(float) || type == typeof(double);

    private static bool IsTuple(Type type) => type.IsValueType && typeof(ITuple).IsAssignableFrom(type) && type.IsGenericType;

    // A tuple of more than seven has the rest as a tuple in its eighth place.
    private static Type[] Flatten(Type tuple)
    {
        Type[] items = tuple.GetGenericArguments();
        return items.Length == 8 ? [.. items[..7], .. Flatten(items[7])] : items;
    }
}
