// Addresses of maps for code that is shown and not run: no map is made for it, however large it would be, and the same object
// always gives the same dump. They are as long as real ones, so that the code is too.

using System.Globalization;
using Anneal.Ebpf;
using Anneal.Ebpf.Lowering;
using Anneal.Ebpf.Runtime;

namespace Anneal.Cli.Dumps;

/// <summary>What stands for a program's maps in dumped code.</summary>
internal sealed class StandInMaps(EbpfProgram program, bool sandboxed) : IMapAddresses
{
    private const ulong Handles = 0x7A00_0000_0000;
    private const ulong Values = 0x7B00_0000_0000;
    private const ulong Columns = 0x7C00_0000_0000;

    // The numbers of a runtime's maps start at 1.
    public ulong HandleOf(int map) => sandboxed ? GuestAddresses.HandleOf(map + 1) : Handles + ((ulong)map << 12);

    public ulong ValuesOf(int map) => sandboxed ? GuestAddresses.OfMap(map + 1) : Values + ((ulong)map << 32);

    public ulong ColumnOf(int map) => Columns + ((ulong)map << 32);

    /// <summary>Says which numbers stand for the maps that the program refers to.</summary>
    public void PrintLegend(TextWriter text)
    {
        foreach (int map in Used())
        {
            string values = program.Maps[map].Type switch
            {
                MapType.Array or MapType.PerCpuArray => string.Create(CultureInfo.InvariantCulture, $", 0x{ValuesOf(map):x} for its values"),
                MapType.ArrayOfMaps or MapType.ProgramArray when !sandboxed => string.Create(CultureInfo.InvariantCulture, $", 0x{ColumnOf(map):x} for its entries"),
                _ => "",
            };
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"; 0x{HandleOf(map):x} stands for map {program.Maps[map].Name}{values}"));
        }
    }

    private SortedSet<int> Used()
    {
        var used = new SortedSet<int>();
        foreach (Instruction i in program.Instructions)
        {
            if (i.IsWideImmediate && (PseudoSource)i.Source is PseudoSource.Map or PseudoSource.MapValue) used.Add(i.Immediate);
        }

        return used;
    }
}
