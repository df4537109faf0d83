using Anneal.Bytecode;

namespace Anneal.Wasm.Lowering;

/// <summary>What the slots of a frame hold where it stands at a safe point.</summary>
/// <param name="types">By slot; <see cref="ValueType.Bottom"/> for one whose value nothing reads.</param>
internal sealed class FrameLayout(ValueType[] types)
{
    /// <summary>How many slots the frame has there: of one that waits for a callee those below the arguments.</summary>
    public int SlotCount => types.Length;

    /// <summary>What a slot holds.</summary>
    public ValueType this[int slot] => types[slot];

    /// <summary>Whether anything reads a slot's value.</summary>
    public bool IsLive(int slot) => types[slot] != ValueType.Bottom;

    /// <summary>The layout of a function that has been called and has executed nothing.</summary>
    public static FrameLayout AtEntry(FunctionType type, FunctionBody body)
    {
        var types = new ValueType[body.SlotCount];
        int slot = 0;
        foreach (ValueType parameter in type.Parameters)
        {
            types[slot] = parameter;
            slot += parameter.SlotCount;
        }

        return new FrameLayout(types);
    }
}
