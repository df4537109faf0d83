// Validates function bodies: section 3.4 of the specification by the algorithm of its appendix A.3, in one pass over the
// bytes. Operand types are the bits of ValueType on a stack of integers; control frames are on a stack of their own, so
// nothing recurses on input. Bodies are malformed or invalid here, the decoder has only delimited them.
//
//   Run        the loop: the instructions that make up most code, on local variables, straight from the packed table
//   Control    blocks, branches and calls whose operands are as they mostly are: few, reachable, of the very types
//   Slow       everything that those decline, from its opcode on: any instruction, any immediate, unreachable code, errors
//
// The first two never decide that something is wrong; they only accept what is plainly right. One object serves many functions, one
// thread at a time; ModuleValidator makes one a thread and keeps the module's bytes pinned as long as they live.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Validation;

/// <summary>Validates the functions of one module, one at a time.</summary>
internal sealed unsafe partial class FunctionValidator
{
    private const uint I32 = 0x7F;

    // A non-nullable reference: of a local's type, that it has no default value.
    private const uint DefaultMask = 0x1FF;
    private const uint NoDefault = 0x64;

    private readonly ModuleDefinition module;
    private readonly byte* code;
    private readonly uint[] opcodeTable;
    private readonly LocalTypes locals = new();
    private readonly uint[] globalTypes;

    // The operand stack: [stack, top) is in use, [floor, top) belongs to the innermost block, limit is where it must grow.
    private uint[] stackStorage = GC.AllocateUninitializedArray<uint>(4096, pinned: true);
    private uint* stack;
    private uint* top;
    private uint* floor;
    private uint* limit;

    // Pairs of an operand's type and a supertype of it, by hash; a pair of two bottoms, which zero is, never comes up.
    private readonly ulong[] matches = new ulong[16];

    private ControlFrame[] frames = new ControlFrame[64];
    private int depth;

    private int functionIndex;
    private int position;
    private int end;
    private int callSites;
    private int branchTables;

    /// <summary>A validator of the functions of <paramref name="module"/>, whose bytes are pinned at <paramref name="code"/>.</summary>
    public FunctionValidator(ModuleDefinition module, byte* code, ValidationOptions options)
    {
        this.module = module;
        this.code = code;

        // Without a word on any opcode, Run declines them all.
        opcodeTable = options.SlowPathOnly ? GC.AllocateArray<uint>(256, pinned: true) : WasmOpcodes.Packed;
        globalTypes = GC.AllocateUninitializedArray<uint>(module.Globals.Length, pinned: true);
        for (int i = 0; i < globalTypes.Length; i++) globalTypes[i] = module.Globals[i].Type.Content.Bits;
        UseStack(stackStorage);
        top = floor = stack;
    }

    /// <summary>Validates one of the module's own functions.</summary>
    /// <param name="index">Its index among <see cref="ModuleDefinition.Codes"/>.</param>
    /// <returns>The number of call sites that want an inline cache.</returns>
    /// <exception cref="WasmException">The body is malformed, invalid, or uses a feature that the engine lacks.</exception>
    public int Validate(int index)
    {
        functionIndex = module.ImportedFunctionCount + index;
        FunctionType type = module.Functions[functionIndex];
        position = module.Codes[index].Start;
        end = module.Codes[index].End;
        callSites = 0;
        branchTables = 0;
        depth = 0;
        top = floor = stack;

        try
        {
            locals.Start(type.Parameters.AsSpan());
            ReadLocals();
            PushFrame(FrameKind.Function, new BlockType(type, default));
            Run();
        }
        catch (InvalidModuleException fault) when (fault.Function is null)
        {
            throw new InvalidModuleException(fault.Reason, fault.Offset, Describe());
        }
        catch (MalformedModuleException fault)
        {
            throw new MalformedModuleException(fault.Reason, fault.Offset, Describe());
        }

        return callSites;
    }

    private void ReadLocals()
    {
        WasmReader reader = Reader();
        uint groups = reader.ReadUnsigned32();
        ulong total = 0;
        int parameters = (int)locals.Count;
        for (uint i = 0; i < groups; i++)
        {
            int at = reader.Position;
            uint count = reader.ReadUnsigned32();
            total += count;
            if (total > uint.MaxValue) throw new MalformedModuleException("too many locals", at);
            ValueType type = reader.ReadValueType();
            if (total + (uint)parameters > ModuleLimits.Locals) continue;
            locals.Declare(count, type);
        }

        if (total + (uint)parameters > ModuleLimits.Locals) throw Invalid($"more than {ModuleLimits.Locals} locals");
        position = reader.Position;
    }

    private void Run()
    {
        // Copies in locals: the compiler keeps these in registers, and fields it can't.
        byte* code = this.code;
        uint* opcodes = (uint*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(opcodeTable));
        uint* locals = this.locals.Types;
        uint localCount = this.locals.ExpandedCount;
        uint* globals = (uint*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(globalTypes));
        uint globalCount = (uint)globalTypes.Length;
        bool hasMemory = module.Memories.Length > 0;
        int end = this.end;
        int position = this.position;
        uint* top = this.top;
        uint* floor = this.floor;
        uint* limit = this.limit;
        while (true)
        {
            int start = position;
            if (position + 12 > end) goto Slow;

            // From here on an opcode and its immediates of up to 11 bytes can be read without a check.
            uint word = opcodes[code[position++]];
            switch (PackedOpcode.Shape(word))
            {
                case OpcodeShape.Binary:
                    if (top < floor + 2 || top[-1] != PackedOpcode.Operand(word) || top[-2] != PackedOpcode.Operand(word)) goto Slow;
                    top--;
                    top[-1] = PackedOpcode.Result(word);
                    continue;

                case OpcodeShape.Unary:
                    if (top <= floor || top[-1] != PackedOpcode.Operand(word)) goto Slow;
                    top[-1] = PackedOpcode.Result(word);
                    continue;

                case OpcodeShape.Load:
                {
                    if (top <= floor || top[-1] != I32 || code[position++] > PackedOpcode.AccessLog2(word) || !hasMemory) goto Slow;
                    uint more = ~*(uint*)(code + position) & 0x8080_8080;
                    if (more == 0) goto Slow;
                    position += (BitOperations.TrailingZeroCount(more) >> 3) + 1;
                    top[-1] = PackedOpcode.Result(word);
                    continue;
                }

                case OpcodeShape.Store:
                {
                    if (top < floor + 2 || top[-1] != PackedOpcode.Operand(word) || top[-2] != I32) goto Slow;
                    if (code[position++] > PackedOpcode.AccessLog2(word) || !hasMemory) goto Slow;
                    uint more = ~*(uint*)(code + position) & 0x8080_8080;
                    if (more == 0) goto Slow;
                    position += (BitOperations.TrailingZeroCount(more) >> 3) + 1;
                    top -= 2;
                    continue;
                }

                case OpcodeShape.I32Const:
                {
                    // Four bytes are too short for anything to be wrong with them.
                    uint more = ~*(uint*)(code + position) & 0x8080_8080;
                    if (more == 0 || top >= limit) goto Slow;
                    position += (BitOperations.TrailingZeroCount(more) >> 3) + 1;
                    *top++ = I32;
                    continue;
                }

                case OpcodeShape.I64Const:
                {
                    ulong more = ~*(ulong*)(code + position) & 0x8080_8080_8080_8080;
                    if (more == 0 || top >= limit) goto Slow;
                    position += (BitOperations.TrailingZeroCount(more) >> 3) + 1;
                    *top++ = PackedOpcode.Result(word);
                    continue;
                }

                case OpcodeShape.FloatConst:
                    if (top >= limit) goto Slow;
                    position += 1 << (int)PackedOpcode.AccessLog2(word);
                    *top++ = PackedOpcode.Result(word);
                    continue;

                case OpcodeShape.LocalGet:
                {
                    uint index = ShortIndex(code, ref position);
                    if (index >= localCount || top >= limit) goto Slow;
                    uint type = locals[index];
                    if ((type & DefaultMask) == NoDefault) goto Slow;
                    *top++ = type;
                    continue;
                }

                case OpcodeShape.LocalSet:
                {
                    uint index = ShortIndex(code, ref position);
                    if (index >= localCount || top <= floor) goto Slow;
                    uint type = locals[index];
                    if (top[-1] != type || (type & DefaultMask) == NoDefault) goto Slow;
                    top--;
                    continue;
                }

                case OpcodeShape.LocalTee:
                {
                    uint index = ShortIndex(code, ref position);
                    if (index >= localCount || top <= floor) goto Slow;
                    uint type = locals[index];
                    if (top[-1] != type || (type & DefaultMask) == NoDefault) goto Slow;
                    continue;
                }

                case OpcodeShape.GlobalGet:
                {
                    uint index = ShortIndex(code, ref position);
                    if (index >= globalCount || top >= limit) goto Slow;
                    *top++ = globals[index];
                    continue;
                }

                case OpcodeShape.GlobalSet:
                {
                    uint index = ShortIndex(code, ref position);
                    if (index >= globalCount || top <= floor || top[-1] != globals[index]) goto Slow;
                    if (!module.Globals[index].Type.IsMutable) goto Slow;
                    top--;
                    continue;
                }

                case OpcodeShape.Drop:
                    if (top <= floor) goto Slow;
                    top--;
                    continue;

                case OpcodeShape.Control:
                    this.position = position;
                    this.top = top;
                    if (!Control((WasmOpcode)code[start])) goto Slow;
                    position = this.position;
                    top = this.top;
                    floor = this.floor;
                    limit = this.limit;
                    continue;

                default:
                    goto Slow;
            }

        Slow:
            this.position = start;
            this.top = top;
            Slow();
            if (depth == 0) return;
            position = this.position;
            top = this.top;
            floor = this.floor;
            limit = this.limit;
        }
    }

    /// <summary>An index of one or two bytes, or one that no local has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint ShortIndex(byte* code, ref int position)
    {
        uint index = code[position++];
        if (index < 0x80) return index;
        uint high = code[position++];
        return high < 0x80 ? (index & 0x7F) | (high << 7) : uint.MaxValue;
    }

    private WasmReader Reader() => new(new ReadOnlySpan<byte>(code, module.Bytes.Length), position, end, module.Types);

    private InvalidModuleException Invalid(string message) => new(message, position, Describe());

    private string Describe() => NameSection.Read(module).Describe(functionIndex);
}
