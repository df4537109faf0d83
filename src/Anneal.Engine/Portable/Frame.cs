using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Portable;

/// <summary>One guest call in progress in the portable tier.</summary>
internal unsafe struct Frame
{
    public GuestInstance Instance;
    public FunctionBody Body;

    /// <summary>Slot 0.</summary>
    public ulong* Window;

    /// <summary>The function's number in the instance's code unit.</summary>
    public int Function;

    /// <summary>Where the frame waits for the one above it: its call instruction. Unused in the innermost frame.</summary>
    public int CallPc;
}
