// All places of a state that hold a register: registers and stored ones, of every frame.

using System.Numerics;

namespace Anneal.Ebpf.Verification;

/// <summary>Enumerates the register states of a path, by reference.</summary>
internal ref struct StateRegisters(PathState state)
{
    private int frame = -1;
    private int register = FrameState.FramePointer;
    private ulong spills;
    private ulong highSpills;
    private ref RegisterState current;

    public readonly StateRegisters GetEnumerator() => this;

    public readonly ref RegisterState Current => ref current;

    public bool MoveNext()
    {
        while (true)
        {
            if (register < FrameState.FramePointer)
            {
                current = ref state.Frames[frame]!.Registers[register++];
                return true;
            }

            if (spills != 0)
            {
                current = ref state.Frames[frame]!.Spills[BitOperations.TrailingZeroCount(spills)];
                spills &= spills - 1;
                return true;
            }

            if (highSpills != 0)
            {
                current = ref state.Frames[frame]!.HighSpills[BitOperations.TrailingZeroCount(highSpills)];
                highSpills &= highSpills - 1;
                return true;
            }

            if (++frame >= state.FrameCount) return false;
            FrameState next = state.Frames[frame]!;
            register = 0;
            spills = next.Whole | next.LowHalves;
            highSpills = next.HighHalves;
        }
    }
}
