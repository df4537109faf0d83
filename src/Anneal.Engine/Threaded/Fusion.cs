// Which instructions are done by one handler. The saving is a dispatch each: about a third of what a simple instruction takes.
//
// Where functions stay in the interpreter, every straight run of instructions is fused, in pieces of up to MaximumLength. The
// handlers are made when the first body has the sequence, until there are MaximumCount of them: a program that fits in a
// small cache gets all, a large one those of what it runs first. docs/experiments.md has the counts that this is chosen by.

using Anneal.Bytecode;

namespace Anneal.Threaded;

/// <summary>The rules of fusing.</summary>
internal static class Fusion
{
    /// <summary>The most instructions in a handler.</summary>
    public const int MaximumLength = 4;

    /// <summary>The most fused handlers that a process makes.</summary>
    public const int MaximumCount = 4000;

    /// <summary>Whether another instruction may follow this one in a handler.</summary>
    public static bool CanLead(HandlerKey key)
    {
        if (key.Op >= HandlerKey.Enter) return key.Op == HandlerKey.Enter;
        return StreamLayout.ShapeOf(key.Op) switch
        {
            Shape.Fields => (OpTable.EffectsOf(key.Op) & Effects.EndsBlock) == 0,
            Shape.Access or Shape.Atomic or Shape.Const or Shape.Select or Shape.Global or Shape.FunctionReference or Shape.Table or Shape.MemorySize or Shape.Loop => true,
            _ => false,
        };
    }
}
