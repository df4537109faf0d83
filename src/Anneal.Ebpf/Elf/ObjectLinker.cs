// Makes one program of what an object has in pieces: the program's own code, and behind it each function that it calls or takes
// the address of, wherever in the object that is. Calls and addresses are relocated to slots of the result, maps and global
// variables to map indices. CO-RE relocations come first, as the compiler made the code.

using System.Diagnostics.CodeAnalysis;
using Anneal.Ebpf.Btf;

namespace Anneal.Ebpf.Elf;

/// <summary>Links programs of one object.</summary>
internal sealed class ObjectLinker(ElfFile file, ObjectMaps maps, BtfLines? lines, CoreRelocations? core = null, CoreResolver? resolver = null)
{
    private const long MaxLinkedSlots = 4L * EbpfProgram.MaxSlots;
    private readonly Dictionary<int, List<ElfRelocation>> relocations = [];
    private readonly Dictionary<Place, ElfSymbol> functions = [];
    private readonly HashSet<string> reasons = new(StringComparer.Ordinal);
    private long linkedSlots;

    /// <summary>Links the program that a function symbol names.</summary>
    public EbpfProgram Link(ElfSymbol function, ProgramType type, string license)
    {
        var link = new Linking(this);
        link.Place(function.Section, (long)function.Value, function.Name);
        link.Run();
        return link.Finish(function.Name, type, file.Sections[function.Section].Name, license);
    }

    private List<ElfRelocation> RelocationsOf(ElfSection section)
    {
        if (!relocations.TryGetValue(section.Index, out List<ElfRelocation>? list)) relocations.Add(section.Index, list = file.RelocationsOf(section));
        return list;
    }

    private ElfSymbol FunctionAt(ElfSection section, long offset, string where) => TryFindFunction(section, offset, out ElfSymbol? found)
        ? found
        : throw new ObjectFormatException(where, offset, $"no function starts at {section.Name}+0x{offset:x}");

    private bool TryFindFunction(ElfSection section, long offset, [NotNullWhen(true)] out ElfSymbol? found)
    {
        if (functions.Count == 0)
        {
            foreach (ElfSymbol symbol in file.Symbols)
            {
                if (symbol.Kind == ElfSymbol.Function) functions.TryAdd(new Place(symbol.Section, (long)symbol.Value), symbol);
            }
        }

        return functions.TryGetValue(new Place(section.Index, offset), out found);
    }

    // An object whose many programs all call much code takes its size many times.
    private void Charge(long slots, string where)
    {
        linkedSlots += slots;
        if (linkedSlots > MaxLinkedSlots) throw new ObjectFormatException(where, -1, $"the object's programs have more than {MaxLinkedSlots} instructions together");
    }

    // One program under construction: pieces are placed one behind the other, then relocated one by one.
    private sealed class Linking(ObjectLinker linker)
    {
        private readonly List<Instruction> code = [];
        private readonly List<Piece> pieces = [];
        private readonly Dictionary<Place, int> placed = [];
        private readonly Dictionary<int, string> names = [];
        private readonly List<int> lineSlots = [];
        private readonly List<SourceLine> lines = [];
        private readonly Dictionary<int, string> unresolved = [];

        private readonly record struct Piece(ElfSection Section, long Start, long End, int Slot);

        /// <summary>The slot of the function at a place, which is added if it's new.</summary>
        public int Place(int sectionIndex, long offset, string where)
        {
            var place = new Place(sectionIndex, offset);
            if (placed.TryGetValue(place, out int known)) return known;
            ElfSection section = linker.File.Sections[sectionIndex];
            if (!section.IsCode) throw new ObjectFormatException(where, -1, $"calls into section {section.Name}, which has no code");
            ElfSymbol function = linker.FunctionAt(section, offset, where);
            long size = function.Size == 0 ? section.Size - offset : (long)Math.Min(function.Size, long.MaxValue);
            if (offset < 0 || offset % Instruction.Bytes != 0 || size <= 0 || size % Instruction.Bytes != 0 || size > section.Size - offset)
                throw new ObjectFormatException(section.Name, offset, $"function {function.Name} of {size} bytes isn't in the section");
            if (code.Count + (size / Instruction.Bytes) > EbpfProgram.MaxSlots)
                throw new ObjectFormatException(section.Name, offset, $"a program of more than {EbpfProgram.MaxSlots} instructions");
            linker.Charge(size / Instruction.Bytes, section.Name);
            int slot = code.Count;
            placed.Add(place, slot);
            names.Add(slot, function.Name);
            pieces.Add(new Piece(section, offset, offset + size, slot));
            ReadOnlySpan<byte> bytes = linker.File.BytesOf(section).Span.Slice((int)offset, (int)size);
            for (int at = 0; at < bytes.Length; at += Instruction.Bytes)
                code.Add(Instruction.FromBits(System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..])));
            AddLines(section, offset, offset + size, slot);
            if (linker.Core is not null) Adjust(section, offset, offset + size, slot);
            return slot;
        }

        /// <summary>Relocates all pieces, those that are added meanwhile too.</summary>
        public void Run()
        {
            for (int i = 0; i < pieces.Count; i++) Relocate(pieces[i]);
        }

        public EbpfProgram Finish(string name, ProgramType type, string section, string license) => new(
            name,
            type,
            System.Runtime.InteropServices.CollectionsMarshal.AsSpan(code),
            [.. linker.Maps.Definitions],
            section,
            new LineTable(lineSlots.ToArray(), lines.ToArray()),
            names,
            license) { Unresolved = unresolved };

        private void AddLines(ElfSection section, long start, long end, int slot)
        {
            if (linker.Lines is null) return;
            foreach ((long offset, SourceLine line) in linker.Lines.Of(section.Name, start, end))
            {
                lineSlots.Add(slot + (int)((offset - start) / Instruction.Bytes));
                lines.Add(line);
            }
        }

        private void Adjust(ElfSection section, long start, long end, int first)
        {
            Span<Instruction> piece = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(code)[first..];
            foreach (CoreRelocation relocation in linker.Core!.Of(section.Name, start, end))
            {
                if (relocation.Offset % Instruction.Bytes != 0) throw new ObjectFormatException(section.Name, relocation.Offset, "a CO-RE relocation inside an instruction");
                int slot = (int)((relocation.Offset - start) / Instruction.Bytes);
                // Another relocation for the same instruction has found it to fail.
                if (unresolved.ContainsKey(first + slot)) continue;
                CoreValue value = linker.Resolver!.Resolve(relocation, section.Name);
                string? why = CorePatch.Apply(piece, slot, value, !linker.Resolver.HasTarget, section.Name, relocation.Offset);
                if (why is null) continue;
                // Many instructions may lack the same.
                if (!linker.Reasons.TryGetValue(why, out string? shared)) linker.Reasons.Add(shared = why);
                unresolved.Add(first + slot, shared);
                if (slot + 1 < piece.Length && piece[slot + 1] == piece[slot]) unresolved.TryAdd(first + slot + 1, shared);
            }
        }

        private void Relocate(Piece piece)
        {
            int count = (int)((piece.End - piece.Start) / Instruction.Bytes);
            var relocated = new HashSet<int>();
            List<ElfRelocation> all = linker.RelocationsOf(piece.Section);
            for (int k = FirstAt(all, piece.Start); k < all.Count && all[k].Offset < piece.End; k++)
            {
                ElfRelocation relocation = all[k];
                if (relocation.Offset % Instruction.Bytes != 0) throw new ObjectFormatException(piece.Section.Name, relocation.Offset, "a relocation inside an instruction");
                int slot = piece.Slot + (int)((relocation.Offset - piece.Start) / Instruction.Bytes);
                relocated.Add(slot);
                Apply(piece, relocation, slot);
            }

            // Calls inside one section need no relocation.
            for (int slot = piece.Slot; slot < piece.Slot + count; slot += code[slot].Slots)
            {
                Instruction i = code[slot];
                if (!i.IsLocalCall || relocated.Contains(slot)) continue;
                long target = piece.Start + ((long)(slot - piece.Slot + 1 + i.Immediate) * Instruction.Bytes);
                // A function without a symbol of its own, inside of the one that calls it, has the same distance here.
                if (target >= piece.Start && target < piece.End && !linker.TryFindFunction(piece.Section, target, out _)) continue;
                SetImmediate(slot, Place(piece.Section.Index, target, piece.Section.Name) - slot - 1);
            }
        }

        private static int FirstAt(List<ElfRelocation> relocations, long offset)
        {
            int low = 0, high = relocations.Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (relocations[middle].Offset < offset) low = middle + 1;
                else high = middle;
            }

            return low;
        }

        private void Apply(Piece piece, ElfRelocation relocation, int slot)
        {
            Instruction i = code[slot];
            ElfSymbol symbol = relocation.Symbol;
            string where = piece.Section.Name;
            if (i.IsWideImmediate && relocation.Kind == ElfRelocation.Immediate64)
            {
                if (slot + 1 >= piece.Slot + ((piece.End - piece.Start) / Instruction.Bytes)) throw new ObjectFormatException(where, relocation.Offset, "half a 64-bit immediate");
                Immediate(where, relocation, slot, i);
            }
            else if (i.Opcode == Opcodes.Call && relocation.Kind == ElfRelocation.Call)
            {
                if (symbol.Section == 0)
                {
                    if (!symbol.IsWeak) throw new ObjectFormatException(where, relocation.Offset, $"calls {symbol.Name}, which isn't in the object: host functions by name aren't supported");
                    unresolved[slot] = CorePatch.Poison(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(code), slot, $"{symbol.Name} isn't there: host functions by name aren't supported");
                    return;
                }

                long target = (long)symbol.Value + (((long)i.Immediate + 1) * Instruction.Bytes);
                int place = Place(symbol.Section, target, where);
                code[slot] = new Instruction(i.Opcode, 0, (int)CallKind.Local, 0, place - slot - 1);
            }
            else
            {
                throw new ObjectFormatException(where, relocation.Offset, $"a relocation of kind {relocation.Kind} for {symbol.Name} at opcode 0x{i.Opcode:x2}");
            }
        }

        private void Immediate(string where, ElfRelocation relocation, int slot, Instruction i)
        {
            ElfSymbol symbol = relocation.Symbol;
            if (symbol.Section == 0)
            {
                External(where, relocation, slot, i);
                return;
            }

            if (linker.Maps.TryFindData(symbol.Section, out int data))
            {
                long offset = (long)symbol.Value + i.Immediate;
                if ((ulong)offset >= (ulong)linker.Maps.Definitions[data].ValueSize) throw new ObjectFormatException(where, relocation.Offset, $"refers to {symbol.Name}+{i.Immediate}, beyond the section");
                SetWide(slot, PseudoSource.MapValue, data, (int)offset);
            }
            else if (linker.Maps.TryFind(symbol, i.Immediate, out int map) || linker.Maps.TryFind(symbol, 0, out map))
            {
                SetWide(slot, PseudoSource.Map, map, 0);
            }
            else if (linker.File.Sections[symbol.Section].IsCode)
            {
                int place = Place(symbol.Section, (long)symbol.Value + i.Immediate, where);
                SetWide(slot, PseudoSource.Function, place - slot - 1, 0);
            }
            else
            {
                throw new ObjectFormatException(where, relocation.Offset, $"refers to {symbol.Name} in section {linker.File.Sections[symbol.Section].Name}, which has no maps, data or code");
            }
        }

        // A variable of the kernel's: configuration has a map, and an address that isn't there is 0 if the program can do without.
        private void External(string where, ElfRelocation relocation, int slot, Instruction i)
        {
            ElfSymbol symbol = relocation.Symbol;
            if (linker.Maps.TryFindConfiguration(symbol.Name, out int map, out int place))
            {
                long offset = (long)place + i.Immediate;
                if ((ulong)offset >= (ulong)linker.Maps.Definitions[map].ValueSize) throw new ObjectFormatException(where, relocation.Offset, $"refers to {symbol.Name}+{i.Immediate}, beyond the section");
                SetWide(slot, PseudoSource.MapValue, map, (int)offset);
            }
            else if (symbol.IsWeak)
            {
                SetWide(slot, PseudoSource.None, 0, 0);
            }
            else
            {
                throw new ObjectFormatException(where, relocation.Offset, $"refers to {symbol.Name}, which isn't in the object: there are no symbols of a kernel here, and only one that is __weak may be missing");
            }
        }

        private void SetWide(int slot, PseudoSource source, int first, int second)
        {
            code[slot] = new Instruction(Opcodes.LoadImmediate64, code[slot].Destination, (int)source, 0, first);
            code[slot + 1] = new Instruction(0, 0, 0, 0, second);
        }

        private void SetImmediate(int slot, int value)
        {
            Instruction i = code[slot];
            code[slot] = new Instruction(i.Opcode, i.Destination, i.Source, i.Offset, value);
        }
    }

    private ElfFile File => file;

    private ObjectMaps Maps => maps;

    private BtfLines? Lines => lines;

    private CoreRelocations? Core => core;

    private CoreResolver? Resolver => resolver;

    private HashSet<string> Reasons => reasons;
}
