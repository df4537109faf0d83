// The memory that a run owns, for helpers that follow an address which nobody has checked: values and keys of the maps of the program
// that calls, context, packet, and the stack where the verifier says that a value points there. All else can't be
// read, whatever it is. A sandboxed program's addresses are looked up in its sections.

using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Verification;
using Anneal.Runtime;

namespace Anneal.Ebpf.Runtime;

internal sealed unsafe partial class RunContext
{
    private ProbedValues? probed;
    private LoadedProgram? prober;

    /// <summary>Notes which program calls a helper, and what the verifier knows of the values of that call; null if nothing.</summary>
    public void BeginProbing(LoadedProgram caller, ProbedValues? values)
    {
        prober = caller;
        probed = values;
    }

    /// <summary>What the verifier knows of a value of the call: bytes of the stack that it points to, or <see cref="ProbedValues.Withheld"/>.</summary>
    public int StackBytesOf(int value) => probed is null ? 0 : probed[value];

    /// <summary>The bytes that the program may read from an address on; none if it owns nothing there.</summary>
    /// <param name="address">An address, or any number.</param>
    /// <param name="stackBytes">What the verifier knows of it.</param>
    public ReadOnlySpan<byte> ReadableAt(ulong address, int stackBytes)
    {
        if (Program.IsSandboxed)
        {
            if (!Sections.TryFind(address, out Section section)) return default;
            ulong offset = address - section.Lower;
            return Bytes((byte*)section.Host + offset, section.Length - offset);
        }

        foreach (EbpfMap map in prober!.Maps)
        {
            if (TryFind(map, address, out ReadOnlySpan<byte> found)) return found;
        }

        foreach (EbpfMap map in prober.Maps)
        {
            if (map is not MapOfMaps outer) continue;
            foreach (EbpfMap inner in outer.Contents())
            {
                if (TryFind(inner, address, out ReadOnlySpan<byte> found)) return found;
            }
        }

        if (Rest(address, meta, dataEnd - meta) is var packet and not 0) return Bytes((byte*)address, packet);
        int visible = Program.Type.Context?.Size ?? 0;
        if (Rest(address, block, visible) is var context and not 0) return Bytes((byte*)address, context);
        if (Rest(address, block + MaxContextBytes + StackBytes, KeyBytes) is var keys and not 0) return Bytes((byte*)address, keys);
        return stackBytes > 0 ? new ReadOnlySpan<byte>((byte*)address, stackBytes) : default;
    }

    private static bool TryFind(EbpfMap map, ulong address, out ReadOnlySpan<byte> found)
    {
        bool hidden = (map.Definition.Flags & MapFlags.ProgramWriteOnly) != 0;
        ulong rest = hidden ? 0 : Rest(address, map.ValueMemory);
        if (rest == 0) rest = Rest(address, map.KeyMemory);
        found = Bytes((byte*)address, rest);
        return rest != 0;
    }

    private static ulong Rest(ulong address, MapMemory? memory) => memory is null ? 0 : Rest(address, memory.Start, memory.Bytes);

    private static ulong Rest(ulong address, byte* start, long bytes)
    {
        ulong offset = address - (ulong)start;
        return offset < (ulong)bytes ? (ulong)bytes - offset : 0;
    }

    private static ReadOnlySpan<byte> Bytes(byte* start, ulong count) => new(start, (int)Math.Min(count, int.MaxValue));
}
