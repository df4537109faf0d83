// The ops that are too rare or too large for inline code: sizes and growth, bulk operations, tables. One meaning for all
// tiers: the portable tier calls Execute, emitted code comes here through its stubs, either with a whole instruction or with
// the typed methods below.
//
// Operands are whole slots, and i32 is zero-extended in its slot, so the same code serves 32-bit and 64-bit indices. Every
// bulk operation checks what is left of its range before it writes a chunk, so the whole range before it writes anything.

using System.Runtime.CompilerServices;
using Anneal.Bytecode;

namespace Anneal.Runtime;

/// <summary>Bulk and rare operations on memories, tables and segments.</summary>
internal static unsafe class RuntimeOps
{
    /// <summary>The most bytes that a Progress op handles before the guest polls again.</summary>
    public const ulong ChunkBytes = 1 << 20;

    /// <summary>The same for tables.</summary>
    public const ulong ChunkElements = ChunkBytes / sizeof(ulong);

    /// <summary>What memory.grow and table.grow give when they can't: -1 as an i32.</summary>
    public const ulong GrowFailed = uint.MaxValue;

    /// <summary>
    /// Executes the instruction at <paramref name="pc"/>, one from memory.size to elem.drop in the opcode table. True if it
    /// has more to do: a Progress op that has noted in its slots how far it is, to be executed again after a poll.
    /// </summary>
    /// <exception cref="GuestFault">The guest traps.</exception>
    public static bool Execute(GuestInstance instance, ulong* slots, ulong* pc)
    {
        ulong word = *pc;
        ulong* first = slots + (ushort)(word >> 16);
        ulong* second = slots + (ushort)(word >> 32);
        ulong* third = slots + (ushort)(word >> 48);
        int field2 = (ushort)(word >> 32), field3 = (ushort)(word >> 48);
        switch ((Op)(ushort)word)
        {
            case Op.MemorySize: *first = MemorySize(instance.Memories[field2]); return false;
            case Op.MemoryGrow: *first = MemoryGrow(instance.Memories[field3], *second); return false;
            case Op.MemoryFill: return MemoryFill(instance.Memories[(uint)pc[1]], first, (byte)*second, third);
            case Op.MemoryCopy:
                return MemoryCopy(instance.Memories[(uint)pc[1]], instance.Memories[pc[1] >> 32], first, second, third);
            case Op.MemoryInit:
                return MemoryInit(instance.DataSegments + (uint)pc[1], instance.Memories[pc[1] >> 32], first, second, third);
            case Op.DataDrop: Drop(instance.DataSegments + (uint)pc[1]); return false;
            case Op.TableGet: *first = TableGet(instance.Tables[field3], *second); return false;
            case Op.TableSet: TableSet(instance.Tables[field3], *first, *second); return false;
            case Op.TableSize: *first = instance.Tables[field2]->Length; return false;
            case Op.TableGrow: *first = TableGrow(instance.Tables[(uint)pc[1]], *second, *third); return false;
            case Op.TableFill: return TableFill(instance.Tables[(uint)pc[1]], first, *second, third);
            case Op.TableCopy:
                return TableCopy(instance.Tables[(uint)pc[1]], instance.Tables[pc[1] >> 32], first, second, third);
            case Op.TableInit:
                return TableInit(instance.ElementSegments + (uint)pc[1], instance.Tables[pc[1] >> 32], first, second, third);
            case Op.ElemDrop: Drop(instance.ElementSegments + (uint)pc[1]); return false;
            default: throw new InvalidOperationException($"{OpTable.Mnemonic((Op)(ushort)word)} is no runtime op");
        }
    }

    /// <summary>The memory's size in pages.</summary>
    public static ulong MemorySize(MemoryState* memory) => Volatile.Read(ref memory->Length) / LinearMemory.PageBytes;

    /// <summary>Grows a memory; the previous size in pages, or <see cref="GrowFailed"/>.</summary>
    public static ulong MemoryGrow(MemoryState* memory, ulong pages)
    {
        LinearMemory owner = LinearMemory.Of(memory);
        if (pages > owner.Maximum / LinearMemory.PageBytes) return GrowFailed;
        return owner.TryGrow(pages * LinearMemory.PageBytes, out ulong previous) ? previous / LinearMemory.PageBytes : GrowFailed;
    }

    /// <summary>Fills one chunk from the start of the range and moves the start on. True if there's more.</summary>
    public static bool MemoryFill(MemoryState* memory, ulong* destination, byte value, ulong* count)
    {
        CheckMemory(Volatile.Read(ref memory->Length), *destination, *count);
        ulong chunk = Math.Min(*count, ChunkBytes);
        Unsafe.InitBlockUnaligned(memory->Base + *destination, value, (uint)chunk);
        return Advance(destination, null, count, chunk);
    }

    /// <summary>
    /// Copies one chunk. Where the destination overlaps the source from above, the last chunk comes first and only the count
    /// shrinks; else the first chunk comes first and both starts move on. True if there's more.
    /// </summary>
    public static bool MemoryCopy(MemoryState* to, MemoryState* from, ulong* destination, ulong* source, ulong* count)
    {
        CheckMemory(Volatile.Read(ref to->Length), *destination, *count);
        CheckMemory(Volatile.Read(ref from->Length), *source, *count);
        ulong chunk = Math.Min(*count, ChunkBytes);
        bool backward = to->Base == from->Base && *destination > *source && *destination - *source < *count;
        ulong skip = backward ? *count - chunk : 0;
        Buffer.MemoryCopy(from->Base + *source + skip, to->Base + *destination + skip, chunk, chunk);
        if (!backward) return Advance(destination, source, count, chunk);
        *count -= chunk;
        return *count != 0;
    }

    /// <summary>Copies one chunk of a data segment's bytes into a memory and moves both starts on. True if there's more.</summary>
    public static bool MemoryInit(SegmentState* segment, MemoryState* memory, ulong* destination, ulong* source, ulong* count)
    {
        CheckMemory(segment->Length, *source, *count);
        CheckMemory(Volatile.Read(ref memory->Length), *destination, *count);
        ulong chunk = Math.Min(*count, ChunkBytes);
        if (chunk != 0) Buffer.MemoryCopy((byte*)segment->Start + *source, memory->Base + *destination, chunk, chunk);
        return Advance(destination, source, count, chunk);
    }

    /// <summary>Drops a segment: it has no bytes or elements any more.</summary>
    public static void Drop(SegmentState* segment) => segment->Length = 0;

    /// <summary>An element of a table.</summary>
    public static ulong TableGet(TableState* table, ulong index) =>
        index < table->Length ? table->Elements[index] : throw new GuestFault(TrapKind.TableOutOfBounds);

    /// <summary>Sets an element of a table.</summary>
    public static void TableSet(TableState* table, ulong index, ulong value)
    {
        if (index >= table->Length) throw new GuestFault(TrapKind.TableOutOfBounds);
        table->Elements[index] = value;
    }

    /// <summary>Grows a table; the previous length, or <see cref="GrowFailed"/>.</summary>
    public static ulong TableGrow(TableState* table, ulong value, ulong delta) =>
        ReferenceTable.Of(table).TryGrow(delta, value, out ulong previous) ? previous : GrowFailed;

    /// <summary>Sets one chunk of a range of elements to one value and moves the start on. True if there's more.</summary>
    public static bool TableFill(TableState* table, ulong* start, ulong value, ulong* count)
    {
        CheckTable(table->Length, *start, *count);
        ulong chunk = Math.Min(*count, ChunkElements);
        new Span<ulong>(table->Elements + *start, (int)chunk).Fill(value);
        return Advance(start, null, count, chunk);
    }

    /// <summary>Copies one chunk of elements between tables, or within one, as <see cref="MemoryCopy"/> does. True if there's more.</summary>
    public static bool TableCopy(TableState* to, TableState* from, ulong* destination, ulong* source, ulong* count)
    {
        CheckTable(to->Length, *destination, *count);
        CheckTable(from->Length, *source, *count);
        ulong chunk = Math.Min(*count, ChunkElements);
        bool backward = to->Elements == from->Elements && *destination > *source && *destination - *source < *count;
        ulong skip = backward ? *count - chunk : 0;
        CopyElements(from->Elements + *source + skip, to->Elements + *destination + skip, chunk);
        if (!backward) return Advance(destination, source, count, chunk);
        *count -= chunk;
        return *count != 0;
    }

    /// <summary>Copies one chunk of a segment's elements into a table and moves both starts on. True if there's more.</summary>
    public static bool TableInit(SegmentState* segment, TableState* table, ulong* destination, ulong* source, ulong* count)
    {
        CheckTable(segment->Length, *source, *count);
        CheckTable(table->Length, *destination, *count);
        ulong chunk = Math.Min(*count, ChunkElements);
        if (chunk != 0) CopyElements((ulong*)segment->Start + *source, table->Elements + *destination, chunk);
        return Advance(destination, source, count, chunk);
    }

    private static void CopyElements(ulong* from, ulong* to, ulong count) =>
        Buffer.MemoryCopy(from, to, count * sizeof(ulong), count * sizeof(ulong));

    private static bool Advance(ulong* destination, ulong* source, ulong* count, ulong chunk)
    {
        *destination += chunk;
        if (source != null) *source += chunk;
        *count -= chunk;
        return *count != 0;
    }

    private static void CheckMemory(ulong length, ulong start, ulong count)
    {
        if (start > length || count > length - start) throw new GuestFault(TrapKind.MemoryOutOfBounds);
    }

    private static void CheckTable(ulong length, ulong start, ulong count)
    {
        if (start > length || count > length - start) throw new GuestFault(TrapKind.TableOutOfBounds);
    }
}
