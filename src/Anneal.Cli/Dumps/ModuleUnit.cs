using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Wasm;

namespace Anneal.Cli.Dumps;

/// <summary>A WebAssembly module's code, with memories accessed in one mode.</summary>
internal sealed class ModuleUnit(Module module, FunctionNames names, AddressingMode addressing) : DumpedUnit
{
    private readonly CodeUnit code = module.CodeFor(addressing);

    public override CodeUnit Code => code;

    public override string NameOf(int function) => names[function];

    public override string HeadingOf(int function) => $"{names[function]} {module.Definition.Functions[function]}";

    public override string Place(int guestOffset) => $"guest 0x{guestOffset:x}";

    public override void PrintBytecode(int function, TextWriter text) => BytecodeText.Print(code.BodyOf(function), text);
}
