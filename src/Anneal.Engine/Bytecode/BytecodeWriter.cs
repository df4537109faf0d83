// Builds the bytecode of one function. Lowering calls the typed methods that the opcode table derives (the other part of
// this class); this part holds the buffer, labels and the source map. One writer serves one function after another: Reset
// keeps the buffers. Nothing is allocated per instruction.

using System.Runtime.CompilerServices;

namespace Anneal.Bytecode;

/// <summary>Encodes bytecode; reusable.</summary>
internal sealed unsafe partial class BytecodeWriter
{
    private const int Unbound = -1;

    /// <summary>Words that a body may have; far more than any valid function needs, and well within an int of bytes.</summary>
    public const int MaxWords = 1 << 26;

    private ulong[] words = new ulong[256];
    private int count;
    private Label[] labels = new Label[32];
    private int labelCount;
    private (int Word, int Label)[] fixups = new (int, int)[32];
    private int fixupCount;
    private int[] sourcePcs = new int[64];
    private int[] sourceOffsets = new int[64];
    private int sourceCount;
    private int guestOffset = -1;

    private struct Label
    {
        public int Pc;
        public int LiveSlots;
    }

    /// <summary>The position of the next instruction.</summary>
    public int Pc => count;

    /// <summary>The number of loop headers written, which is the index of the next.</summary>
    public int LoopCount { get; private set; }

    /// <summary>Forgets everything but the buffers.</summary>
    public void Reset()
    {
        count = labelCount = fixupCount = sourceCount = LoopCount = 0;
        guestOffset = -1;
    }

    /// <summary>States which guest offset the instructions that follow come from.</summary>
    public void At(int offset) => guestOffset = offset;

    /// <summary>A new label; <paramref name="liveSlots"/> slots are live where it stands.</summary>
    public BytecodeLabel NewLabel(int liveSlots)
    {
        if (labelCount == labels.Length) Array.Resize(ref labels, labelCount * 2);
        labels[labelCount] = new Label { Pc = Unbound, LiveSlots = liveSlots };
        return new BytecodeLabel(labelCount++);
    }

    /// <summary>Binds a label to the next instruction.</summary>
    public void Bind(BytecodeLabel label)
    {
        if (labels[label.Id].Pc != Unbound) throw new InvalidOperationException("label bound twice");
        labels[label.Id].Pc = count;
    }

    /// <summary>Writes a loop header with <paramref name="liveSlots"/> live slots and gives it the next loop index.</summary>
    public int LoopHeader(int liveSlots) => Loop(LoopCount++, liveSlots);

    /// <summary>The cost in the fuel op written at <paramref name="pc"/>.</summary>
    public uint ChargeAt(int pc) => (uint)words[pc + 1];

    /// <summary>Adds to the cost in the fuel op written at <paramref name="pc"/>; the sum stays within 32 bits.</summary>
    public void AddCharge(int pc, uint cost) => words[pc + 1] += cost;

    /// <summary>Writes one of the target words that follow a <c>br_table</c>.</summary>
    public void TableTarget(BytecodeLabel target) => Target(target);

    /// <summary>The op written at <paramref name="pc"/>.</summary>
    public Op OpAt(int pc) => (Op)(ushort)words[pc];

    /// <summary>The first word of the instruction written at <paramref name="pc"/>: op and three fields.</summary>
    public ulong WordAt(int pc) => words[pc];

    /// <summary>
    /// Writes the first word of an instruction whose op comes out of a table; what further words it has are the caller's to
    /// append. Fields are raw 16-bit patterns: slots, numbers, or immediates cut to 16 bits.
    /// </summary>
    public int Instruction(Op op, int first, int second, int third)
    {
        if ((uint)(first | second | third) > ushort.MaxValue) throw new ArgumentOutOfRangeException(nameof(op), op, "field beyond 16 bits");
        return Begin(op, (ushort)first, (ushort)second, (ushort)third);
    }

    /// <summary>Writes a further word of the instruction just begun.</summary>
    public void Append(ulong word) => Word(word);

    /// <summary>Writes a branch whose op comes out of a table.</summary>
    public int Branch(Op op, int first, int second, BytecodeLabel target)
    {
        int pc = Instruction(op, first, second, 0);
        Target(target);
        return pc;
    }

    /// <summary>Makes the instruction at <paramref name="pc"/>, whose first field is its destination, write another slot.</summary>
    public void RetargetDestination(int pc, int slot) => words[pc] = (words[pc] & ~0xFFFF_0000ul) | ((ulong)Slot(slot) << 16);

    /// <summary>Exchanges the op of the instruction at <paramref name="pc"/> for one with the same operands.</summary>
    public void ReplaceOp(int pc, Op op) => words[pc] = (words[pc] & ~0xFFFFul) | (ushort)op;

    /// <summary>Takes back the instructions from <paramref name="pc"/> on; no branch, loop or label may stand among them.</summary>
    public void Truncate(int pc)
    {
        count = pc;
        while (sourceCount > 0 && sourcePcs[sourceCount - 1] >= pc) sourceCount--;
    }

    /// <summary>Makes the body: resolves branches and copies everything out of the writer's buffers.</summary>
    public FunctionBody Finish(int slotCount, int parameterSlots, int resultSlots, int temporaryBase, int farArgumentBase = 0)
    {
        for (int i = 0; i < fixupCount; i++)
        {
            (int word, int label) = fixups[i];
            ref readonly Label target = ref labels[label];
            if (target.Pc == Unbound) throw new InvalidOperationException("branch to an unbound label");
            words[word] = new BranchTarget(target.Pc, target.LiveSlots).Bits;
        }

        ulong[] code = GC.AllocateUninitializedArray<ulong>(count, pinned: true);
        words.AsSpan(0, count).CopyTo(code);
        return new FunctionBody
        {
            Code = code,
            SlotCount = slotCount,
            ParameterSlots = parameterSlots,
            ResultSlots = resultSlots,
            TemporaryBase = temporaryBase,
            FarArgumentBase = farArgumentBase,
            LoopCount = LoopCount,
            Sources = new SourceMap(sourcePcs.AsSpan(0, sourceCount).ToArray(), sourceOffsets.AsSpan(0, sourceCount).ToArray()),
        };
    }

    private int Begin(Op op, ushort a, ushort b, ushort c)
    {
        if (guestOffset >= 0 && (sourceCount == 0 || sourceOffsets[sourceCount - 1] != guestOffset)) AddSource();
        int pc = count;
        Word((ushort)op | ((ulong)a << 16) | ((ulong)b << 32) | ((ulong)c << 48));
        return pc;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Word(ulong word)
    {
        if (count == words.Length) Grow();
        words[count++] = word;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow()
    {
        if (count >= MaxWords) throw new InvalidOperationException("function body too large");
        Array.Resize(ref words, words.Length * 2);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddSource()
    {
        if (sourceCount == sourcePcs.Length)
        {
            Array.Resize(ref sourcePcs, sourceCount * 2);
            Array.Resize(ref sourceOffsets, sourceCount * 2);
        }

        sourcePcs[sourceCount] = count;
        sourceOffsets[sourceCount++] = guestOffset;
    }

    private void Target(BytecodeLabel label)
    {
        if (fixupCount == fixups.Length) Array.Resize(ref fixups, fixupCount * 2);
        fixups[fixupCount++] = (count, label.Id);
        Word(0);
    }

    private static ushort Slot(int slot) =>
        (uint)slot <= ushort.MaxValue ? (ushort)slot : throw new ArgumentOutOfRangeException(nameof(slot), slot, "slot beyond 16 bits");

    private static ushort Number(int number) =>
        (uint)number <= ushort.MaxValue ? (ushort)number : throw new ArgumentOutOfRangeException(nameof(number), number, "number beyond 16 bits");

    private static ushort Immediate(int immediate) =>
        (short)immediate == immediate ? (ushort)immediate : throw new ArgumentOutOfRangeException(nameof(immediate), immediate, "immediate beyond 16 bits");
}
