// Where a program's registers are in the frames of its functions.
//
//     0..4    r1..r5, the parameters              11..18   temporaries
//     5       r10                                 then     the stack's bytes (verified programs)
//     6       r0                                  then     arguments of calls, from ArgumentBase on
//     7..10   r6..r9
//
// Sandboxed programs have their stack outside of the frame; r10 is a sixth parameter there.

namespace Anneal.Ebpf.Lowering;

/// <summary>The slots of registers.</summary>
internal static class Slots
{
    /// <summary>r0's slot.</summary>
    public const int Result = 6;

    /// <summary>r10's slot.</summary>
    public const int FramePointer = 5;

    /// <summary>Registers that carry arguments.</summary>
    public const int Arguments = 5;

    /// <summary>The first temporary.</summary>
    public const int Temporaries = 11;

    /// <summary>How many temporaries an instruction may use.</summary>
    public const int TemporaryCount = 8;

    /// <summary>The first slot of the stack's bytes.</summary>
    public const int Stack = Temporaries + TemporaryCount;

    /// <summary>The slot of a register.</summary>
    public static int Of(int register) => register switch
    {
        0 => Result,
        <= 5 => register - 1,
        10 => FramePointer,
        _ => register + 1,
    };
}
