// Which host function each helper call of a program goes to. A call whose map is known gets a host function of its own that
// has the map at hand. Where the verifier hasn't said which map a call gets, a scan along straight-line code finds those that
// a 64-bit immediate has just put into r1 (or r2, for tail calls); jump targets forget everything.

using Anneal.Ebpf.Helpers;
using Anneal.Ebpf.Verification;

namespace Anneal.Ebpf.Lowering;

/// <summary>The helper calls of a program.</summary>
internal sealed class CallBindings
{
    private readonly int[] importAt;

    private CallBindings(int slots) => importAt = new int[slots];

    /// <summary>The host functions that the program needs, in the order of their import numbers.</summary>
    public List<CallBinding> Imports { get; } = [];

    /// <summary>Whether calls of a helper by a number in a register occur: their import follows <see cref="Imports"/>.</summary>
    public bool HasRegisterCalls { get; private set; }

    /// <summary>The number of imports.</summary>
    public int Count => Imports.Count + (HasRegisterCalls ? 1 : 0);

    /// <summary>The import that the call at a slot goes to.</summary>
    public int ImportAt(int slot) => importAt[slot];

    /// <summary>Finds the calls of a program.</summary>
    /// <exception cref="InvalidEbpfProgramException">A helper doesn't exist, or not for programs of this type.</exception>
    public static CallBindings Find(EbpfProgram program, HelperTable helpers, VerifiedFacts? facts)
    {
        var result = new CallBindings(program.Instructions.Length);
        var numbers = new Dictionary<CallBinding, int>();
        bool[] targets = Targets(program);
        Span<int> maps = stackalloc int[16];
        maps.Clear();
        ReadOnlySpan<Instruction> code = program.Instructions;
        for (int slot = 0; slot < code.Length; slot += code[slot].Slots)
        {
            Instruction i = code[slot];
            if (targets[slot]) maps.Clear();
            CheckSupported(program, slot, i);
            if (i.Opcode == Opcodes.CallRegister) result.HasRegisterCalls = true;
            if (i.IsHelperCall && i.Immediate == EbpfProgram.UnresolvedCall && program.Unresolved.TryGetValue(slot, out string? missing))
            {
                // The verifier has seen that a verified program doesn't come here.
                if (facts is not null) continue;
                result.importAt[slot] = result.Add(new CallBinding(UnresolvedHelper.PrototypeFor(missing), -1, false, null), numbers);
            }
            else if (i.IsHelperCall)
            {
                if (!helpers.TryFind(i.Immediate, program.Type, out HelperPrototype? helper))
                    throw new InvalidEbpfProgramException(program.Name, slot, $"helper {HelperNames.Describe(i.Immediate)} isn't there for programs of type {program.Type.Name}");
                int argument = helper.Arguments.IndexOf(ArgumentType.ConstMapPointer);
                int map = argument < 0 ? -1 : facts is null ? maps[argument + 1] - 1 : facts.Instructions[slot].MapIndex;
                var binding = new CallBinding(helper, map, !helpers.OfHost.Contains(helper.Id), facts?.Instructions[slot].Probes);
                result.importAt[slot] = result.Add(binding, numbers);
            }

            Track(i, maps);
        }

        for (int slot = 0; result.HasRegisterCalls && slot < code.Length; slot++)
        {
            if (code[slot].Opcode == Opcodes.CallRegister) result.importAt[slot] = result.Imports.Count;
        }

        return result;
    }

    // The import of a binding, which is added if it's new.
    private int Add(CallBinding binding, Dictionary<CallBinding, int> numbers)
    {
        if (numbers.TryGetValue(binding, out int number)) return number;
        numbers.Add(binding, number = Imports.Count);
        Imports.Add(binding);
        return number;
    }

    // What a well-formed program may have and lowering can't do.
    private static void CheckSupported(EbpfProgram program, int slot, Instruction i)
    {
        if (i.Class != InstructionClass.Ld) return;
        if (!i.IsWideImmediate)
        {
            ContextLayout? context = program.Type.Context;
            bool hasPacket = context?.Find(ContextFieldKind.Packet) is not null && context.Find(ContextFieldKind.PacketEnd) is not null;
            if (!program.Type.HasLegacyPacketLoads || !hasPacket)
                throw new InvalidEbpfProgramException(program.Name, slot, $"a legacy packet load, which programs of type {program.Type.Name} don't have");
        }
        else if (i.Source == (int)PseudoSource.MapValue)
        {
            MapDefinition map = program.Maps[i.Immediate];
            uint offset = (uint)program.Instructions[slot + 1].Immediate;
            if (map.Type != MapType.Array || map.MaxEntries != 1 || offset >= (uint)map.ValueSize)
                throw new InvalidEbpfProgramException(program.Name, slot, $"the address of byte {offset} of map {map.Name}, which isn't an array of one value with so many bytes");
        }
    }

    // Each register's map, its index plus one; 0 where it's not known.
    private static void Track(Instruction i, Span<int> maps)
    {
        if (i.IsWideImmediate)
        {
            maps[i.Destination] = i.Source == (int)PseudoSource.Map ? i.Immediate + 1 : 0;
        }
        else if (i.Opcode == ((byte)AluOperation.Mov | 8 | (byte)InstructionClass.Alu64) && i.Offset == 0)
        {
            maps[i.Destination] = maps[i.Source];
        }
        else if (i.IsAlu || i.Class == InstructionClass.Ldx)
        {
            maps[i.Destination] = 0;
        }
        else if (i.IsCall || i.Class == InstructionClass.Ld)
        {
            maps[..6].Clear();
        }
        else if (i.Class == InstructionClass.Stx && i.Mode == AccessMode.Atomic)
        {
            maps[i.Source] = maps[0] = 0;
        }
        else if (i.IsExit || i.IsUnconditionalJump)
        {
            maps.Clear();
        }
    }

    private static bool[] Targets(EbpfProgram program)
    {
        ReadOnlySpan<Instruction> code = program.Instructions;
        var targets = new bool[code.Length];
        foreach (Subprogram subprogram in program.Subprograms) targets[subprogram.Start] = true;
        for (int slot = 0; slot < code.Length; slot += code[slot].Slots)
        {
            if (code[slot].IsConditionalJump || code[slot].IsUnconditionalJump) targets[program.JumpTarget(slot)] = true;
        }

        return targets;
    }
}
