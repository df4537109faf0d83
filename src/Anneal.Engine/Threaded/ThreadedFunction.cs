// A predecoded body: the stream, and how positions in it and in the bytecode are found from each other.

using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Threaded;

/// <summary>One function's stream. The memory belongs to its unit's code.</summary>
internal sealed unsafe class ThreadedFunction(WeakReference<CodeUnit> unit, int function, byte* stream, int length, bool counting)
    : CodeRange(unit, function, (nint)stream, length)
{
    private int requested;

    /// <summary>The enter pseudo instruction.</summary>
    public byte* Stream => (byte*)Start;

    /// <summary>The address of code that enters the function.</summary>
    public required nint Entry { get; init; }

    /// <summary>Whether branches have counters.</summary>
    public bool IsCounting => counting;

    /// <summary>True the first time: the function is to be compiled.</summary>
    public bool TryRequest() => Interlocked.Exchange(ref requested, 1) == 0;

    /// <summary>
    /// Has frames that are in the interpreter go on in compiled code when they come to a loop header. A frame that has read
    /// the old handler already finds the new one a round later.
    /// </summary>
    public void LeadTo(CompiledFunction code, FunctionBody body, Handlers handlers)
    {
        if (body.LoopCount == 0) return;
        nint leave = handlers.AddressOf(new HandlerKey(HandlerKey.LeaveAtLoop));
        int offset = StreamLayout.EnterBytes;
        fixed (ulong* words = body.Code)
        {
            for (int pc = 0; pc < body.Code.Length; pc += OpTable.LengthAt(body.Code, pc))
            {
                if ((Op)(ushort)words[pc] == Op.Loop)
                {
                    byte* header = Stream + offset;
                    *(nint*)(header + StreamLayout.LoopTarget) = code.EntryAtLoop((int)words[pc + 1]);
                    Volatile.Write(ref *(nint*)header, leave);
                }

                offset += StreamLayout.SizeAt(words + pc, counting);
            }
        }
    }

    /// <summary>The bytecode position of the instruction at that address of the stream; 0 for the enter instruction.</summary>
    public int PcOf(byte* position)
    {
        if (Unit?.BodyOf(Function) is not { } body) return 0;
        int wanted = (int)(position - Stream), offset = StreamLayout.EnterBytes, pc = 0;
        fixed (ulong* code = body.Code)
        {
            while (offset < wanted && pc < body.Code.Length)
            {
                offset += StreamLayout.SizeAt(code + pc, counting);
                pc += OpTable.LengthAt(body.Code, pc);
            }
        }

        return pc;
    }

    /// <summary>The address in the stream of the instruction at a bytecode position.</summary>
    public byte* PositionOf(FunctionBody body, int pc)
    {
        int offset = StreamLayout.EnterBytes;
        fixed (ulong* code = body.Code)
        {
            for (int at = 0; at < pc; at += OpTable.LengthAt(body.Code, at)) offset += StreamLayout.SizeAt(code + at, counting);
        }

        return Stream + offset;
    }
}
