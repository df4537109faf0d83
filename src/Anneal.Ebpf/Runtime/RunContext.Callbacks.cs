// What helpers need to call back into the program.

using Anneal.Ebpf.Lowering;
using Anneal.Ebpf.Maps;
using Anneal.Runtime;

namespace Anneal.Ebpf.Runtime;

internal sealed unsafe partial class RunContext
{
    private int callbackDepth;

    /// <summary>Calls a subprogram by its reference. The frame pointer is the calling function's r10; it matters where the program is sandboxed.</summary>
    public ulong Call(FunctionReference* function, ulong framePointer, ulong first, ulong second, ulong third = 0, ulong fourth = 0)
    {
        ulong* window = Execution.State->NestedWindow;
        window[0] = first;
        window[1] = second;
        window[2] = third;
        window[3] = fourth;
        window[4] = 0;
        if (Program.IsSandboxed) window[Slots.FramePointer] = framePointer - FunctionLowering.SandboxFrameBytes;
        engine.Invoke(Execution, function, window);
        return window[0];
    }

    /// <summary>Calls a subprogram with each element of a map until it returns something else than 0; the number of calls, or a negative error number.</summary>
    public long ForEach(EbpfMap map, FunctionReference* function, ulong framePointer, ulong context)
    {
        if (callbackDepth == MaxCallbackDepth) return MapError.Busy;
        int depth = callbackDepth++;
        ulong* ownKey = (ulong*)(block + MaxContextBytes + StackBytes) + depth;
        bool sandboxed = Program.IsSandboxed;
        ulong handle = sandboxed ? GuestAddresses.HandleOf(map.Number) : map.Handle;
        long calls = 0;
        int position = -1;
        while ((position = map.NextElement(position, Processor, out byte* key, out byte* value)) >= 0)
        {
            if (key == null)
            {
                *ownKey = (uint)position;
                key = (byte*)ownKey;
            }

            calls++;
            ulong guestKey = (ulong)key, guestValue = (ulong)value;
            if (sandboxed)
            {
                guestKey = key == ownKey
                    ? GuestAddresses.Keys + ((ulong)depth * sizeof(ulong))
                    : GuestAddresses.OfMap(map.Number) + (GuestAddresses.MapBytes / 2) + (ulong)(key - map.KeyMemory!.Start);
                guestValue = GuestAddresses.OfMap(map.Number) + (ulong)(value - map.ValueMemory!.Start);
            }

            if (Call(function, framePointer, handle, guestKey, guestValue, context) != 0) break;
        }

        callbackDepth--;
        return calls;
    }
}
