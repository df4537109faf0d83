// Values of a script to slots and back. Whole slots are passed and compared, so that a value whose upper half should be zero
// and is not shows up. Host references are objects, one for each number.

namespace Anneal.Wasm.Text;

internal sealed class WastValues(Store store)
{
    private readonly Dictionary<ulong, object> _hostObjects = [];

    /// <summary>Calls a function; the arguments have to be of its type.</summary>
    public WastResults Call(Function function, IReadOnlyList<WastValue> arguments)
    {
        FunctionType type = function.Type;
        if (arguments.Count != type.Parameters.Length)
            throw new ArgumentException($"{arguments.Count} arguments for a function {type}");
        // Not later: nothing would hold the objects whose handles stand in the slots only.
        store.CollectObjects();
        ulong[] slots = new ulong[function.WindowSlots];
        int slot = 0;
        for (int i = 0; i < arguments.Count; i++)
        {
            WastValue argument = arguments[i];
            if (!IsOf(argument.Kind, type.Parameters[i]))
                throw new ArgumentException($"argument {i} is {argument.Kind} for a parameter {type.Parameters[i]}");
            slots[slot] = argument.Kind == WastValueKind.RefExtern ? store.Objects.HandleOf(HostObject(argument.Low)) : argument.Low;
            if (argument.Kind == WastValueKind.V128)
                slots[slot + 1] = argument.High;
            slot += type.Parameters[i].SlotCount;
        }
        function.InvokeRaw(slots);
        return new WastResults(slots, type.Results);
    }

    /// <summary>Reads a global.</summary>
    public unsafe WastResults Get(Global global)
    {
        store.CheckAccess();
        ulong[] slots = new ulong[global.Type.Content.SlotCount];
        for (int i = 0; i < slots.Length; i++)
            slots[i] = global.Cell[i];
        return new WastResults(slots, [global.Type.Content]);
    }

    /// <summary>What is wrong with an action's results; null if they are the expected ones.</summary>
    public string? Compare(WastResults results, IReadOnlyList<WastExpected> expected)
    {
        if (results.Types.Length != expected.Count)
            return $"expected {expected.Count} results, got {results.Types.Length}";
        int slot = 0;
        for (int i = 0; i < expected.Count; i++)
        {
            ValueType type = results.Types[i];
            ulong low = results.Slots[slot];
            ulong high = type.SlotCount == 2 ? results.Slots[slot + 1] : 0;
            if (!Matches(expected[i], type, low, high))
                return $"result {i}: expected {expected[i]}, got {type} 0x{(type.SlotCount == 2 ? $"{high:x16}_" : "")}{low:x}";
            slot += type.SlotCount;
        }
        return null;
    }

    private bool Matches(WastExpected expected, ValueType type, ulong low, ulong high)
    {
        switch (expected)
        {
            case WastExpectedNumber number:
                return IsOf(number.Kind, type) && number.MatchesBits(low, high);
            case WastExpectedNan nan:
                return IsOf(nan.Kind, type) && nan.MatchesBits(low, high);
            case WastExpectedVector vector:
                return type == ValueType.V128 && vector.MatchesBits(low, high);
            case WastExpectedReference reference:
                return type.IsReference && MatchesReference(reference, type, low);
            case WastExpectedEither either:
                foreach (WastExpected option in either.Options)
                {
                    if (Matches(option, type, low, high))
                        return true;
                }
                return false;
            default:
                return false;
        }
    }

    private bool MatchesReference(WastExpectedReference expected, ValueType type, ulong slot)
    {
        bool isObject = !type.IsConcrete && type.Heap is HeapKind.Extern or HeapKind.NoExtern;
        return expected.Kind switch
        {
            WastValueKind.RefNull => slot == 0,
            WastValueKind.RefFunc => slot != 0 && !isObject,
            WastValueKind.RefExtern => slot != 0 && isObject && (expected.Number is not { } number || store.Objects[slot] == HostObject(number)),
            _ => false,
        };
    }

    private static bool IsOf(WastValueKind kind, ValueType type) => kind switch
    {
        WastValueKind.I32 => type == ValueType.I32,
        WastValueKind.I64 => type == ValueType.I64,
        WastValueKind.F32 => type == ValueType.F32,
        WastValueKind.F64 => type == ValueType.F64,
        WastValueKind.V128 => type == ValueType.V128,
        WastValueKind.RefNull => type.IsNullable,
        WastValueKind.RefExtern => type.IsReference && !type.IsConcrete && type.Heap == HeapKind.Extern,
        _ => false,
    };

    private object HostObject(ulong number)
    {
        if (!_hostObjects.TryGetValue(number, out object? known))
            _hostObjects.Add(number, known = $"host reference {number}");
        return known;
    }
}
