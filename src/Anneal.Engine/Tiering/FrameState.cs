// The one record of a guest frame that no tier owns: which function, where in its bytecode, and the values of its slots. Every
// conversion between tiers in which a frame is lifted out of the machine goes through it. All tiers but the optimizing one keep
// their slots on the value stack, so the values are copied from there.

using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Tiering;

/// <summary>A guest frame as a value.</summary>
/// <param name="Instance">What the frame works on.</param>
/// <param name="Function">The function's number in the instance's code unit.</param>
/// <param name="Pc">The bytecode position that <paramref name="Point"/> speaks of.</param>
/// <param name="Point">How the frame stands to that instruction.</param>
/// <param name="Window">Where its slot 0 is, in slots from the start of the value stack.</param>
/// <param name="Slots">Its slots; of a frame that waits for a callee those below the call's arguments.</param>
internal sealed record FrameState(GuestInstance Instance, int Function, int Pc, FramePoint Point, int Window, ulong[] Slots)
{
    public CodeUnit Unit => Instance.Code;

    public FunctionBody Body => Unit.BodyOf(Function);

    /// <summary>Where the arguments of the call at a position start; it must be a call.</summary>
    public static int ArgumentBaseAt(FunctionBody body, int pc)
    {
        ulong word = body.Code[pc];
        int field = (Op)(ushort)word switch
        {
            Op.Call or Op.CallImport => (ushort)(word >> 16),
            Op.CallIndirect or Op.CallRef => (ushort)(word >> 32),
            _ => throw new InvalidOperationException($"engine bug: a frame waits for a callee at a {(Op)(ushort)word}"),
        };
        return body.ArgumentBase(field);
    }

    public override string ToString() => $"{Unit.FrameAt(Function, Pc)} pc {Pc} ({Point}), {Slots.Length} slots from {Window}";
}
