// The handlers of the threaded interpreter: one set a process for each way of checking (hardware traps or not), because
// they know no module. Each is emitted when the first predecoded body wants it: a small program uses a tenth of them.
//
// Handlers are never freed: there's a bounded number of them.

using Anneal.Assembler;
using Anneal.Diagnostics;
using Anneal.Runtime;
using Anneal.Templates;

namespace Anneal.Threaded;

#pragma warning disable CA1001 // Handlers live as long as the process, and so does what emits them.

/// <summary>The emitted handlers by key, and what their sites mean. Thread-safe.</summary>
internal sealed unsafe class Handlers
{
    private const int BlockBytes = 32 << 10;

    private readonly Lock gate = new();
    private readonly CodeSpace space;
    private readonly HandlerEmitter emitter;
    private readonly List<HandlerBlock> blocks = [];
    private readonly HandlerTable single = new();
    private readonly HandlerTable fused = new();

    public Handlers(CodeSpace space, Stubs stubs, X64Features features, bool hardwareTraps)
    {
        this.space = space;
        // Counts under which templates meet each case of an operand: an imported and an own function and global.
        var layout = new InstanceLayout(new InstanceCounts(1, 2, 1, 2, 2, 3, 0, 0, 1));
        emitter = new HandlerEmitter(new CodeTarget(layout, stubs, features, hardwareTraps, space.Start));
    }

    /// <summary>The number of handlers emitted so far.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of their code.</summary>
    public int CodeBytes { get; private set; }

    /// <summary>The handler of a key, emitted now if it isn't yet.</summary>
    /// <exception cref="OutOfMemoryException">The code space is full.</exception>
    public nint AddressOf(HandlerKey key)
    {
        nint address = single.Find(new ReadOnlySpan<HandlerKey>(in key));
        return address != 0 ? address : Emit(single, new ReadOnlySpan<HandlerKey>(in key));
    }

    /// <summary>The handler that does a sequence of instructions at once, made now if it isn't there; 0 if there are too many already.</summary>
    /// <exception cref="OutOfMemoryException">The code space is full.</exception>
    public nint AddressOf(ReadOnlySpan<HandlerKey> sequence)
    {
        nint address = fused.Find(sequence);
        return address != 0 || fused.Count >= Fusion.MaximumCount ? address : Emit(fused, sequence);
    }

    /// <summary>The site at exactly that address of a handler; the instruction that it belongs to is that far from r15.</summary>
    public bool TryFindSite(nint address, out ushort kind, out int distance)
    {
        kind = 0;
        distance = 0;
        lock (gate)
        {
            return BlockOf(address) is { } block && block.TryFindSite(address, out kind, out distance);
        }
    }

    private nint Emit(HandlerTable table, ReadOnlySpan<HandlerKey> sequence)
    {
        lock (gate)
        {
            nint known = table.Find(sequence);
            if (known != 0) return known;
            emitter.Emit(sequence);
            nint address = Place();
            if (PerfMap.Instance is { } map) map.Add(address, emitter.Asm.Code.Position, $"[threaded] {string.Join(" + ", sequence.ToArray())}");
            table.Add(sequence, address);
            return address;
        }
    }

    private nint Place()
    {
        CodeBuffer code = emitter.Asm.Code;
        if (blocks.Count == 0 || !blocks[blocks.Count - 1].Fits(code.Position))
            blocks.Add(new HandlerBlock(space.Allocate(Math.Max(BlockBytes, code.Position + HandlerBlock.Alignment))));
        Count++;
        CodeBytes += code.Position;
        return blocks[blocks.Count - 1].Place(code);
    }

    private HandlerBlock? BlockOf(nint address)
    {
        lock (gate)
        {
            foreach (HandlerBlock block in blocks)
            {
                if (block.Contains(address)) return block;
            }
        }

        return null;
    }
}
