// Instructions under construction, with labels that may be bound after they are referred to. Both assemblers fill one.

namespace Anneal.Ebpf.Assembly;

/// <summary>Collects instructions and resolves labels.</summary>
internal sealed class InstructionList
{
    private readonly List<Instruction> slots = [];
    private readonly Dictionary<string, int> labels = new(StringComparer.Ordinal);
    private readonly List<(int Slot, string Label, Field Field, int Line)> fixups = [];

    /// <summary>Where a distance goes.</summary>
    public enum Field
    {
        Offset,
        Immediate,
    }

    public int Count => slots.Count;

    public void Add(byte opcode, int destination, int source, int offset, int immediate) =>
        slots.Add(new Instruction(opcode, destination, source, (short)offset, immediate));

    public void AddWide(int destination, int source, ulong value)
    {
        Add(Opcodes.LoadImmediate64, destination, source, 0, (int)value);
        Add(0, 0, 0, 0, (int)(value >> 32));
    }

    public void Bind(string label, int line)
    {
        if (!labels.TryAdd(label, slots.Count)) throw new AssemblyException(line, $"label {label} bound twice");
    }

    /// <summary>The instruction just added refers to a label; distances count from the slot behind it.</summary>
    public void Refer(string label, Field field, int line, int slotsBack = 1) => fixups.Add((slots.Count - slotsBack, label, field, line));

    /// <summary>The instruction just added has this distance.</summary>
    public void Patch(int distance, Field field, int slotsBack = 1)
    {
        Instruction i = slots[^slotsBack];
        slots[^slotsBack] = field == Field.Offset
            ? new Instruction(i.Opcode, i.Destination, i.Source, (short)distance, i.Immediate)
            : new Instruction(i.Opcode, i.Destination, i.Source, i.Offset, distance);
    }

    public Instruction[] Finish()
    {
        // What stands at the end of a text without a name of its own may be meant by "exit".
        foreach ((int slot, string label, Field field, int line) in fixups)
        {
            if (!labels.TryGetValue(label, out int target) && !TryLastExit(label, out target)) throw new AssemblyException(line, $"no label {label}");
            int distance = target - slot - 1;
            Instruction i = slots[slot];
            if (field == Field.Offset && distance != (short)distance) throw new AssemblyException(line, $"label {label} is too far away");
            slots[slot] = field == Field.Offset
                ? new Instruction(i.Opcode, i.Destination, i.Source, (short)distance, i.Immediate)
                : new Instruction(i.Opcode, i.Destination, i.Source, i.Offset, distance);
        }

        return [.. slots];
    }

    // A jump to "exit" without such a label goes to the last exit instruction.
    private bool TryLastExit(string label, out int target)
    {
        target = label == "exit" ? slots.FindLastIndex(i => i.Opcode == Opcodes.Exit) : -1;
        return target >= 0;
    }
}
