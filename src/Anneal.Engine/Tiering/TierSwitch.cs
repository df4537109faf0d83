// Moves one running frame to the other emitted tier at a loop header, where both have all slots at home and use the same native
// frame: the move is a jump.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Threaded;

namespace Anneal.Tiering;

/// <summary>On-stack replacement at a poll.</summary>
internal static unsafe class TierSwitch
{
    /// <summary>
    /// Moves the frame that called the poll stub, if it's at a loop header. The answer is the stub's: 0 to return, else the
    /// address to go on at, with r15 from the execution's resume position.
    /// </summary>
    public static nint AtLoop(Execution execution, nint* stubFrame)
    {
        EmittedTier tier = execution.Tier!;
        if (!CodeLocation.TryFind(tier, stubFrame[1], (nint*)stubFrame[0], out CodeLocation location) || location.IsEntry) return 0;
        if (location.Range.Unit is not { } unit) return 0;
        FunctionBody body = unit.BodyOf(location.Range.Function);
        int pc = location.Pc;
        if ((Op)(ushort)body.Code[pc] != Op.Loop) return 0;
        UnitCode code = tier.CodeOf(unit);
        if (location.Range is ThreadedFunction)
        {
            if (code.TryCompile(unit, location.Range.Function) is not { } compiled) return 0;
            tier.Journal.EntersAtLoop(unit, location.Range.Function);
            return compiled.EntryAtLoop((int)(uint)body.Code[pc + 1]);
        }

        if (code.StreamOf(unit, location.Range.Function) is not { } stream) return 0;
        tier.Journal.ExitsAtLoop(unit, location.Range.Function);
        byte* position = stream.PositionOf(body, pc + OpTable.LengthAt(body.Code, pc));
        execution.State->ResumePosition = (nint)position;
        return *(nint*)position;
    }
}
