// Makes a body's stream (StreamLayout says how it looks). Three passes over the bytecode: sizes and branch targets; instructions
// with their keys; handlers, once it's known which results stay in an accumulator.
//
// This runs before a function's first instruction does, so it has to take much less time than compiling the function would.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Templates;
using Anneal.Tiering;

namespace Anneal.Threaded;

/// <summary>Predecodes bodies. Reusable, not thread-safe.</summary>
internal sealed unsafe partial class Predecoder
{
    private const int CacheSize = 2048;

    private readonly Accumulators accumulators = new();
    private readonly HandlerKey[] cachedKeys = new HandlerKey[CacheSize];
    private readonly nint[] cachedHandlers = new nint[CacheSize];
    private Handlers? cachedOf;

    // By bytecode position: the place in the stream, with the top bit set if a branch comes there.
    private uint[] offsets = new uint[256];
    private Instruction[] instructions = new Instruction[256];
    private byte[] buffer = new byte[4096];
    private int count;
    private int length;
    private byte* stream;
    private InstanceLayout layout = null!;
    private CodeTarget target = null!;
    private FunctionBody body = null!;
    private bool counting;
    private bool refused;

    private const uint TargetBit = 1u << 31;

    private struct Instruction
    {
        public HandlerKey Key;

        /// <summary>Its place in the stream.</summary>
        public int Place;
        public bool IsTarget;
    }

    /// <summary>The finished stream, to be copied to its place: nothing in it depends on where it is.</summary>
    public ReadOnlySpan<byte> Result => new(buffer, 0, length);

    /// <summary>Predecodes a body; false if it has something that the interpreter doesn't do.</summary>
    /// <exception cref="OutOfMemoryException">The code space has no room for a handler.</exception>
    public bool TryPredecode(FunctionBody function, CodeTarget unit, Handlers handlers, TieringPolicy policy)
    {
        body = function;
        target = unit;
        layout = unit.Layout;
        counting = policy.IsCounting;
        refused = false;
        int words = function.Code.Length;
        if (offsets.Length < words)
        {
            int size = Math.Max(words, offsets.Length * 2);
            offsets = new uint[size];
            instructions = new Instruction[size + 1];
        }
        else
        {
            Array.Clear(offsets, 0, words);
        }

        fixed (ulong* code = function.Code)
        fixed (uint* places = offsets)
        fixed (Instruction* first = instructions)
        {
            if (!Measure(code, words, places)) return false;
            if (buffer.Length < length) buffer = new byte[Math.Max(length, buffer.Length * 2)];
            fixed (byte* start = buffer)
            {
                stream = start;
                WriteEnter(policy.EntryHeat, first);
                WriteInstructions(code, words, places, first, policy.Heat);
                if (refused) return false;
                WriteHandlers(handlers, first, policy.Fuses);
            }
        }

        return true;
    }

    private bool Measure(ulong* code, int words, uint* places)
    {
        OpShape[] shapes = StreamLayout.Shapes;
        uint offset = StreamLayout.EnterBytes;
        for (int pc = 0; pc < words;)
        {
            ulong word = code[pc];
            OpShape shape = shapes[(ushort)word];
            places[pc] |= offset;
            int extra = shape.Words, size = shape.Size;
            if (shape.IsPlain)
            {
                offset += (uint)size;
                pc += extra;
                continue;
            }

            switch (shape.Shape)
            {
                case Shape.Jump or Shape.Branch: places[new BranchTarget(code[pc + 1]).Pc] |= TargetBit; break;
                case Shape.BranchTable:
                    int targets = (ushort)(word >> 32) + 1;
                    for (int i = 0; i < targets; i++) places[new BranchTarget(code[pc + 1 + i]).Pc] |= TargetBit;
                    extra += targets;
                    break;
                case Shape.Unknown: return false;
            }

            offset += (uint)StreamLayout.SizeAt(code + pc, counting);
            if (offset > int.MaxValue / 2) return false;
            pc += extra;
        }

        length = (int)offset;
        return true;
    }

    private void WriteEnter(int heat, Instruction* first)
    {
        int locals = Math.Max(0, body.TemporaryBase - body.ParameterSlots);
        bool isLarge = locals >= HandlerKey.ManyLocals || body.FrameBytes > Execution.ProbedFrameBytes;
        *(int*)(stream + StreamLayout.EnterFrameBytes) = Math.Max(8, body.FrameBytes);
        *(int*)(stream + StreamLayout.EnterFirstLocal) = body.ParameterSlots * sizeof(ulong);
        *(int*)(stream + StreamLayout.EnterHeat) = heat;
        *(int*)(stream + StreamLayout.EnterLocals) = locals;
        *(long*)(stream + StreamLayout.ThirdExtension) = 0;
        *first = new Instruction { Key = new HandlerKey(HandlerKey.Enter, isLarge ? HandlerKey.ManyLocals : locals) };
        count = 1;
    }

    private void WriteInstructions(ulong* code, int words, uint* places, Instruction* first, int heat)
    {
        OpShape[] shapes = StreamLayout.Shapes;
        accumulators.Clear();
        int temporaryBase = body.TemporaryBase;
        int number = 1;
        for (int pc = 0; pc < words; number++)
        {
            ulong word = code[pc];
            var op = (Op)(ushort)word;
            OpShape shape = shapes[(int)op];
            bool isTarget = (places[pc] & TargetBit) != 0;
            int place = (int)(places[pc] & ~TargetBit);
            byte* to = stream + place;
            *(ulong*)(to + StreamLayout.Fields) = word >> 16;
            int extra = shape.Words;
            var key = new HandlerKey(op);
            if (!shape.IsPlain)
            {
                if (shape.Shape == Shape.BranchTable) extra += WriteBranchTable(code + pc, place, places);
                else if (shape.Shape is Shape.Jump or Shape.Branch) key = WriteBranch(op, code[pc + 1], place, places);
                else key = WriteOther(code + pc, op, to, heat);
            }

            if (isTarget) accumulators.Clear();
            if (shape.Sources != 0 && accumulators.AreUsed) key = accumulators.Read((ushort*)(to + StreamLayout.Fields), shape, key, &first->Key, sizeof(Instruction));
            if (!shape.KeepsAccumulators) accumulators.Clear();
            else if (shape.HasDestination && (ushort)(word >> 16) >= temporaryBase) accumulators.Write((ushort)(word >> 16), number);
            Instruction* instruction = first + number;
            instruction->Key = key;
            instruction->Place = place;
            instruction->IsTarget = isTarget;
            pc += extra;
        }

        count = number;
    }

    private HandlerKey WriteBranch(Op op, ulong word, int place, uint* places)
    {
        byte* to = stream + place;
        *(int*)(to + StreamLayout.Immediate) = DistanceTo(word, place, places);
        if (!counting || op == Op.Br) return new HandlerKey(op);
        *(long*)(to + StreamLayout.Taken) = 0;
        return new HandlerKey(op, Forms.Counting);
    }

    private int WriteBranchTable(ulong* words, int place, uint* places)
    {
        byte* to = stream + place;
        int targets = (ushort)(*words >> 32) + 1;
        *(int*)(to + StreamLayout.Immediate) = targets - 1;
        for (int i = 0; i < targets; i++) *(int*)(to + StreamLayout.Extension + (i * sizeof(int))) = DistanceTo(words[1 + i], place, places);
        return targets;
    }

    private static int DistanceTo(ulong target, int place, uint* places) => (int)(places[new BranchTarget(target).Pc] & ~TargetBit) - place;

    // Every instruction has its own handler, so that each can be entered; the first of a fused sequence has that of the sequence.
    private void WriteHandlers(Handlers handlers, Instruction* first, bool fuses)
    {
        if (cachedOf != handlers)
        {
            Array.Clear(cachedHandlers);
            cachedOf = handlers;
        }

        for (Instruction* instruction = first; instruction < first + count; instruction++)
            *(nint*)(stream + instruction->Place) = HandlerOf(handlers, instruction->Key);
        if (fuses) WriteFused(handlers, first);
    }

    private nint HandlerOf(Handlers handlers, HandlerKey key)
    {
        uint index = (((uint)key.Bits * 0x9E37_79B1u) >> 16) % CacheSize;
        if (cachedKeys[index] == key && cachedHandlers[index] != 0) return cachedHandlers[index];
        nint handler = handlers.AddressOf(key);
        cachedKeys[index] = key;
        cachedHandlers[index] = handler;
        return handler;
    }

    // The straight runs between branches, their targets and calls.
    private void WriteFused(Handlers handlers, Instruction* first)
    {
        HandlerKey* sequence = stackalloc HandlerKey[Fusion.MaximumLength];
        for (int i = 0; i < count;)
        {
            int run = 1;
            sequence[0] = first[i].Key;
            while (run < Fusion.MaximumLength && i + run < count && !first[i + run].IsTarget && Fusion.CanLead(sequence[run - 1]))
            {
                sequence[run] = first[i + run].Key;
                run++;
            }

            if (run > 1)
            {
                nint handler = handlers.AddressOf(new ReadOnlySpan<HandlerKey>(sequence, run));
                if (handler != 0) *(nint*)(stream + first[i].Place) = handler;
            }

            i += run;
        }
    }
}
