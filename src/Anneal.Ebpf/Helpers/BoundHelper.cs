// A helper as one program imports it: the way from the guest's slots to the helper's code. A verified program's arguments are
// host addresses already. A sandboxed one's are translated here, each by its declared type and size, before the helper sees
// them, and a returned pointer is translated back.

using Anneal.Ebpf.Runtime;
using Anneal.Ebpf.Verification;
using Anneal.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>The host function that a program's calls of one helper go to.</summary>
internal sealed unsafe class BoundHelper(LoadedProgram program, Helper helper, EbpfMap? map, bool sandboxed, ProbedValues? probed = null)
    : HostFunction(0, HelperPrototype.MaxArguments + 1, 1)
{
    private readonly bool probes = helper.Prototype.FollowsAddresses;
    private readonly int mapArgument = helper.Prototype.Arguments.IndexOf(ArgumentType.ConstMapPointer);

    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots)
    {
        var run = (RunContext)execution.Guest!;
        EbpfMap? known = map;
        if (known is null && mapArgument >= 0) known = sandboxed ? FindMap(run, slots[mapArgument]) : EbpfMap.OfHandle(slots[mapArgument]);
        if (probes) run.BeginProbing(program, probed);
        if (!sandboxed)
        {
            slots[0] = helper.Invoke(run, known, slots);
            return;
        }

        Translate(run, known, slots);
        slots[0] = TranslateBack(run, known, helper.Invoke(run, known, slots));
    }

    private EbpfMap FindMap(RunContext run, ulong handle)
    {
        EbpfMap found = run.FindMap(handle) ?? throw Fault($"0x{handle:x} is no map of the program");
        return helper.Prototype.MapTypes.IsEmpty || helper.Prototype.MapTypes.Contains(found.Type)
            ? found
            : throw Fault($"map {found.Name} is of type {found.Type}");
    }

    private void Translate(RunContext run, EbpfMap? known, ulong* slots)
    {
        for (int i = 0; i < helper.Prototype.Arguments.Length; i++)
        {
            ulong value = slots[i];
            switch (helper.Prototype.Arguments[i])
            {
                case ArgumentType.MapKey: slots[i] = Memory(run, i, value, (ulong)known!.KeySize, writes: false); break;
                case ArgumentType.MapValue: slots[i] = Memory(run, i, value, (ulong)known!.ValueSize, writes: false); break;
                case ArgumentType.UninitializedMapValue: slots[i] = Memory(run, i, value, (ulong)known!.ValueSize, writes: true); break;
                case ArgumentType.ReadableMemory: slots[i] = Sized(run, i, slots, writes: false, nullable: false); break;
                case ArgumentType.ReadableMemoryOrNull: slots[i] = Sized(run, i, slots, writes: false, nullable: true); break;
                case ArgumentType.WritableMemory or ArgumentType.UninitializedMemory: slots[i] = Sized(run, i, slots, writes: true, nullable: false); break;
                case ArgumentType.UninitializedMemoryOrNull: slots[i] = Sized(run, i, slots, writes: true, nullable: true); break;
                case ArgumentType.UninitializedInt32: slots[i] = Memory(run, i, value, sizeof(int), writes: true); break;
                case ArgumentType.UninitializedInt64: slots[i] = Memory(run, i, value, sizeof(long), writes: true); break;
                case ArgumentType.Context or ArgumentType.ContextOrNull: slots[i] = Context(run, i, value); break;
                case ArgumentType.Callback: slots[i] = Callback(i, value); break;
                case ArgumentType.AcquiredMemory: slots[i] = run.FindReserved(value) is var host and not 0 ? host : throw Fault($"argument {i + 1} (0x{value:x}) wasn't reserved"); break;
                case ArgumentType.ConstString: slots[i] = Text(run, i, value); break;
            }
        }
    }

    private ulong TranslateBack(RunContext run, EbpfMap? known, ulong result)
    {
        if (result == 0) return 0;
        switch (helper.Prototype.Returns)
        {
            case ReturnType.MapValueOrNull when known!.Definition.HoldsMaps:
                return run.Reach(EbpfMap.OfHandle(result));
            case ReturnType.MapValueOrNull or ReturnType.AllocatedMemoryOrNull:
                return GuestAddresses.OfMap(known!.Number) + (result - (ulong)known.ValueMemory!.Start);
            default:
                return result;
        }
    }

    private ulong Sized(RunContext run, int argument, ulong* slots, bool writes, bool nullable)
    {
        ulong size = slots[argument + 1];
        if (size > int.MaxValue) throw Fault($"argument {argument + 2}: a size of {(long)size}");
        if (size == 0)
        {
            if (helper.Prototype.Arguments[argument + 1] == ArgumentType.MemorySize) throw Fault($"argument {argument + 2}: a size of 0");
            return nullable && slots[argument] == 0 ? 0 : run.AnyAddress;
        }

        return Memory(run, argument, slots[argument], size, writes);
    }

    private ulong Memory(RunContext run, int argument, ulong address, ulong bytes, bool writes)
    {
        byte* host = run.Sections.Find(address, bytes, writes);
        return host != null ? (ulong)host : throw Fault($"argument {argument + 1}: {bytes} bytes at 0x{address:x} aren't the program's{(writes ? " to write" : "")}");
    }

    private ulong Context(RunContext run, int argument, ulong address)
    {
        if (address == 0 && helper.Prototype.Arguments[argument] == ArgumentType.ContextOrNull) return 0;
        return address == GuestAddresses.Context ? (ulong)run.Context : throw Fault($"argument {argument + 1}: 0x{address:x} isn't the context");
    }

    private ulong Callback(int argument, ulong handle)
    {
        int index = Callbacks.IndexOf(handle, program.Program.Subprograms.Length);
        return index >= 0 ? (ulong)program.ReferenceOf(index) : throw Fault($"argument {argument + 1}: 0x{handle:x} is no function of the program");
    }

    private ulong Text(RunContext run, int argument, ulong address)
    {
        if (!run.Sections.TryFind(address, out Section section)) throw Fault($"argument {argument + 1}: 0x{address:x} isn't the program's");
        ulong rest = section.Length - (address - section.Lower);
        byte* host = (byte*)section.Host + (address - section.Lower);
        for (ulong i = 0; i < rest; i++)
        {
            if (host[i] == 0) return (ulong)host;
        }

        throw Fault($"argument {argument + 1}: text without an end");
    }

    private EbpfFaultException Fault(string message) => new(program.Program.Name, helper.Prototype.Name, message);
}
