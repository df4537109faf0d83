// Temporaries in registers. A temporary is read at most once after it's written, mostly a few instructions later in the same
// block; then it needs no slot, if all handlers in between leave a register alone. There are a few such registers, the
// accumulators, each a general and a float one of the same number; which is used depends on who reads. Handlers touch only those
// that their key names. What the runtime decodes, or where a frame can be stopped, wants its operands in slots: nothing is kept
// across (OpShape.KeepsAccumulators).
//
// This keeps track of who holds what while a body is predecoded. A writer is told only when its reader is found.

namespace Anneal.Threaded;

/// <summary>The assignment of temporaries to accumulators within a block.</summary>
internal sealed unsafe class Accumulators
{
    /// <summary>How many there are of each kind. A key has two bits for the number.</summary>
    public const int Count = 3;

    private const int Nobody = -1;

    private int slot1, slot2, slot3;
    private int writer1, writer2, writer3;

    /// <summary>Whether some temporary is in one.</summary>
    public bool AreUsed { get; private set; }

    /// <summary>Forgets all: control may come from elsewhere.</summary>
    public void Clear()
    {
        if (!AreUsed) return;
        slot1 = slot2 = slot3 = Nobody;
        AreUsed = false;
    }

    /// <summary>Takes the sources of an instruction from where their writers can leave them.</summary>
    /// <param name="fields">The instruction's fields, as they are in the stream.</param>
    /// <param name="shape">What its op is like.</param>
    /// <param name="key">Its key so far.</param>
    /// <param name="keys">The key of the first instruction: those of writers are changed.</param>
    /// <param name="stride">Bytes from one instruction's key to the next one's.</param>
    public HandlerKey Read(ushort* fields, OpShape shape, HandlerKey key, HandlerKey* keys, int stride)
    {
        int sources = shape.Sources;
        if ((sources & 1) != 0) key = ReadField(0, fields[0], shape, key, keys, stride);
        if ((sources & 2) != 0) key = ReadField(1, fields[1], shape, key, keys, stride);
        if ((sources & 4) != 0) key = ReadField(2, fields[2], shape, key, keys, stride);
        if ((sources & 8) != 0) key = ReadField(3, fields[3], shape, key, keys, stride);
        return key;
    }

    /// <summary>Notes that an instruction writes a temporary, which may turn out to be wanted in an accumulator.</summary>
    public void Write(int slot, int number)
    {
        if (!AreUsed)
        {
            slot1 = slot;
            slot2 = slot3 = Nobody;
            writer1 = number;
            AreUsed = true;
            return;
        }

        // What was in the temporary is dead.
        if (slot1 == slot) slot1 = Nobody;
        if (slot2 == slot) slot2 = Nobody;
        if (slot3 == slot) slot3 = Nobody;
        // A free one, else the one whose temporary has waited longest.
        if (slot1 < 0 || (slot2 >= 0 && slot3 >= 0 && writer1 < writer2 && writer1 < writer3))
        {
            slot1 = slot;
            writer1 = number;
        }
        else if (slot2 < 0 || (slot3 >= 0 && writer2 < writer3))
        {
            slot2 = slot;
            writer2 = number;
        }
        else
        {
            slot3 = slot;
            writer3 = number;
        }
    }

    private HandlerKey ReadField(int field, int slot, OpShape shape, HandlerKey key, HandlerKey* keys, int stride)
    {
        int number, writer;
        if (slot == slot1)
        {
            number = 1;
            writer = writer1;
            slot1 = Nobody;
        }
        else if (slot == slot2)
        {
            number = 2;
            writer = writer2;
            slot2 = Nobody;
        }
        else if (slot == slot3)
        {
            number = 3;
            writer = writer3;
            slot3 = Nobody;
        }
        else
        {
            return key;
        }

        var source = (HandlerKey*)((byte*)keys + ((long)writer * stride));
        *source = source->Writing(number, (shape.Floats & (1 << field)) != 0);
        return key.Reading(field, number);
    }
}
