// What templates must know of the code unit and the machine that they emit for: fixed for a compilation.

using Anneal.Assembler;
using Anneal.Runtime;

namespace Anneal.Templates;

/// <summary>The unit and machine that code is emitted for.</summary>
/// <param name="Layout">Where things are in an instance.</param>
/// <param name="Stubs">Addresses of the engine's shared stubs.</param>
/// <param name="Features">What the processor has.</param>
/// <param name="HardwareTraps">Whether faults of the hardware become traps; else every check is explicit.</param>
/// <param name="Trampolines">The address of the trampoline of the unit's first own function.</param>
internal sealed record CodeTarget(InstanceLayout Layout, Stubs Stubs, X64Features Features, bool HardwareTraps, nint Trampolines)
{
    /// <summary>The trampoline of one of the unit's own functions.</summary>
    public nint TrampolineOf(int function) => Trampolines + ((nint)(function - Layout.Counts.ImportedFunctions) * X64StaticCall.Size);
}
