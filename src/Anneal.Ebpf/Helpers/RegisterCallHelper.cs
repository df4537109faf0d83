// Calls of a helper whose number is in a register, which only sandboxed programs can have: the number comes as the sixth
// argument, and the helper is bound at its first call.

using Anneal.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>The host function that a program's helper calls through a register go to.</summary>
internal sealed unsafe class RegisterCallHelper(LoadedProgram program) : HostFunction(0, HelperPrototype.MaxArguments + 1, 1)
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, BoundHelper> bound = [];

    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots)
    {
        ulong number = slots[HelperPrototype.MaxArguments];
        Find(number).Invoke(execution, caller, slots);
    }

    private BoundHelper Find(ulong number)
    {
        lock (gate)
        {
            if (number <= int.MaxValue && bound.TryGetValue((int)number, out BoundHelper? known)) return known;
            Helper? helper = number <= int.MaxValue ? program.Runtime.FindHelper((int)number, program.Program.Type) : null;
            if (helper is null || helper.Prototype.Callback != CallbackKind.None || (helper.Prototype.Effects & HelperEffects.TailCall) != 0)
                throw new EbpfFaultException(program.Program.Name, $"0x{number:x}", "no helper that can be called through a register");
            var made = new BoundHelper(program, helper, map: null, sandboxed: true);
            bound.Add((int)number, made);
            return made;
        }
    }
}
