// What a dump of code needs to know of a guest: its unit of code, names of the functions, and how a place in the guest's own code is
// said. Dumps of bytecode and machine code are written against this, so they know no guest.

using Anneal.Runtime;

namespace Anneal.Cli.Dumps;

/// <summary>A unit of code as it's shown.</summary>
internal abstract class DumpedUnit
{
    /// <summary>The unit.</summary>
    public abstract CodeUnit Code { get; }

    /// <summary>A function's name, imported or not.</summary>
    public abstract string NameOf(int function);

    /// <summary>The line above a function's code.</summary>
    public abstract string HeadingOf(int function);

    /// <summary>Words for an offset in the guest's code, as the bytecode's source map has them.</summary>
    public abstract string Place(int guestOffset);

    /// <summary>Prints the bytecode of one of the unit's own functions.</summary>
    public abstract void PrintBytecode(int function, TextWriter text);
}
