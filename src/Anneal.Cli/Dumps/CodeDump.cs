using Anneal.Runtime;

namespace Anneal.Cli.Dumps;

/// <summary>Prints the code of functions: the engine's bytecode, or the baseline tier's machine code.</summary>
internal static class CodeDump
{
    /// <summary>Prints some of a unit's own functions, one behind the other.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="functions">The functions' numbers.</param>
    /// <param name="tier">The tier whose machine code is wanted; null for bytecode.</param>
    /// <param name="text">Where to.</param>
    /// <exception cref="CommandFailedException">There's more machine code than there can be.</exception>
    public static void Print(DumpedUnit unit, IEnumerable<int> functions, EmittedTier? tier, TextWriter text)
    {
        AssemblyDump? assembly = tier is null ? null : new AssemblyDump(unit, tier);
        bool first = true;
        foreach (int function in functions)
        {
            if (!first) text.WriteLine();
            first = false;
            text.WriteLine($"; {unit.HeadingOf(function)}");
            if (assembly is null) unit.PrintBytecode(function, text);
            else assembly.Print(function, text);
        }
    }

    /// <summary>The tier that makes an engine's machine code.</summary>
    /// <exception cref="CommandFailedException">This machine has no emitted code.</exception>
    public static EmittedTier TierOf(Engine engine, string file) =>
        engine.Emitted ?? throw new CommandFailedException($"{file}: no machine code can be made here: {engine.TierRefusal}");
}
