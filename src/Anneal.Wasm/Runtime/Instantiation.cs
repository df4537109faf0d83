// Makes an instance of a module (section 4.5.4 of the specification), in the specification's order: allocation, globals and
// table initializers, active element segments, active data segments, start function. Imports have been matched by the
// linker. A trap half-way leaves what was already written to imported memories and tables; since functions of the new
// instance may be in those tables, the instance then stays with the store. Where nothing can refer to it, it's freed.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Runtime;

/// <summary>The making of one instance.</summary>
#pragma warning disable CA1001 // What it makes is the store's from the start.
internal sealed unsafe class Instantiation
{
    private readonly Store store;
    private readonly ModuleDefinition module;
    private readonly StoreResources resources;
    private readonly List<IDisposable> made = [];
    private readonly GuestInstance guest;
    private readonly Instance instance;
    private readonly ConstantEvaluator constants;

    private Instantiation(Store store, Module source, External[] imports)
    {
        this.store = store;
        module = source.Definition;
        resources = store.Resources;
        var memories = new Memory[module.Memories.Length];
        var tables = new Table[module.Tables.Length];
        var globals = new Global?[module.Globals.Length];
        var tags = new Tag[module.Tags.Length];
        var functions = new Function[module.ImportedFunctionCount];
        Place(imports, functions, memories, tables, globals, tags);
        try
        {
            for (int i = module.ImportedMemoryCount; i < memories.Length; i++)
            {
                LinearMemory memory = resources.CreateMemory(module.Memories[i]);
                made.Add(memory);
                memories[i] = new Memory(memory, module.Memories[i]);
            }

            for (int i = module.ImportedTableCount; i < tables.Length; i++)
            {
                ReferenceTable table = resources.CreateTable(module.Tables[i].Type, 0);
                made.Add(table);
                tables[i] = new Table(store, table, module.Tables[i].Type);
            }

            guest = new GuestInstance(source.CodeFor(AddressingOf(memories, store.Engine.MemoryChecks)));
            made.Add(guest);
            resources.Own(guest);
            for (int i = module.ImportedTagCount; i < tags.Length; i++) tags[i] = new Tag(module.Tags[i]);
            instance = new Instance(store, source, guest, memories, tables, globals, tags);
            guest.Guest = instance;
            constants = new ConstantEvaluator(module, guest);
            Link(functions, memories, tables, globals);
        }
        catch
        {
            Undo();
            throw;
        }
    }

    /// <summary>Makes an instance with imports that are known to match.</summary>
    /// <exception cref="TrapException">A segment is out of bounds, or the start function trapped.</exception>
    /// <exception cref="StoreLimitException">A limit of the store would be exceeded.</exception>
    public static Instance Run(Store store, Module module, External[] imports)
    {
        store.Resources.ReserveInstance();
        Instantiation making;
        try
        {
            making = new Instantiation(store, module, imports);
        }
        catch
        {
            store.Resources.ReleaseInstance();
            throw;
        }

        making.Initialize();
        return making.instance;
    }

    // An engine that checks explicitly mustn't rely on faults, whatever the memories are.
    private static AddressingMode AddressingOf(Memory[] memories, MemoryChecks checks)
    {
        if (checks == MemoryChecks.Explicit) return AddressingMode.Checked;
        foreach (Memory memory in memories)
        {
            if (memory.Linear.Mode != AddressingMode.Guarded) return AddressingMode.Checked;
        }

        return AddressingMode.Guarded;
    }

    private void Place(External[] imports, Function[] functions, Memory[] memories, Table[] tables, Global?[] globals, Tag[] tags)
    {
        for (int i = 0; i < imports.Length; i++)
        {
            int index = module.Imports[i].Index;
            switch (imports[i])
            {
                case Function function: functions[index] = function; break;
                case Table table: tables[index] = table; break;
                case Global global: globals[index] = global; break;
                case Tag tag: tags[index] = tag; break;
                case Memory memory:
                    memories[index] = memory;
                    // A stand-alone memory, or another store's: the pointers to it hold nothing.
                    resources.Keep(memory.Linear);
                    break;
            }
        }
    }

    private void Link(Function[] functions, Memory[] memories, Table[] tables, Global?[] globals)
    {
        for (int i = 0; i < memories.Length; i++) guest.Memories[i] = memories[i].Linear.State;
        if (memories.Length > 0) guest.State->MemoryBase = memories[0].Linear.Base;
        for (int i = 0; i < tables.Length; i++) guest.Tables[i] = tables[i].References.State;
        for (int i = 0; i < module.ImportedGlobalCount; i++) guest.Globals[i] = globals[i]!.Cell;
        for (int i = 0; i < functions.Length; i++) guest.Functions[i] = functions[i].Reference;
        FunctionReference* own = guest.OwnReferences;
        for (int i = functions.Length; i < module.Functions.Length; i++, own++)
        {
            own->Entry = store.Engine.EntryOf(guest.Code, i);
            own->Instance = guest.State;
            own->Type = (uint)module.Functions[i].CanonicalId;
            own->Function = i;
            guest.Functions[i] = own;
        }
    }

    private void Initialize()
    {
        // Until guest code runs, only an imported table can come to refer to the instance.
        bool referred = module.ImportedTableCount > 0;
        try
        {
            for (int i = module.ImportedGlobalCount; i < module.Globals.Length; i++)
            {
                *guest.Globals[i] = constants.Evaluate(module.Globals[i].Initializer);
                resources.AddObjectCell(module.Globals[i].Type.Content, guest.Globals[i]);
            }

            for (int i = module.ImportedTableCount; i < module.Tables.Length; i++) FillTable(i);
            KeepPassiveElements();
            KeepData();
            ApplyElements();
            ApplyData();
            if (module.StartFunction < 0) return;
            referred = true;
            FunctionReference* start = guest.Functions[module.StartFunction];
            ulong* window = store.Enter(0);
            try
            {
                store.Run(start, window);
            }
            finally
            {
                store.Exit(window);
            }
        }
        catch (GuestFault fault)
        {
            if (!referred) Free();
            throw new TrapException(fault.Kind, []);
        }
        catch when (!referred)
        {
            Free();
            throw;
        }
    }

    private void FillTable(int index)
    {
        if (module.Tables[index].Initializer.IsNone) return;
        ulong value = constants.Evaluate(module.Tables[index].Initializer);
        ulong start = 0, count = guest.Tables[index]->Length;
        while (RuntimeOps.TableFill(guest.Tables[index], &start, value, &count))
        {
        }
    }

    // Active segments are written straight to their tables; only passive ones need memory of their own.
    private void KeepPassiveElements()
    {
        long total = 0;
        foreach (ElementSegment segment in module.Elements)
        {
            if (segment.Mode == SegmentMode.Passive) total += segment.Length;
        }

        if (total == 0) return;
        var storage = new ElementStorage((nuint)total);
        made.Add(storage);
        resources.Own(storage);
        ulong* next = storage.Start;
        for (int i = 0; i < module.Elements.Length; i++)
        {
            ElementSegment segment = module.Elements[i];
            if (segment.Mode != SegmentMode.Passive) continue;
            for (int element = 0; element < segment.Length; element++) next[element] = ElementOf(segment, element);
            guest.ElementSegments[i] = new SegmentState { Start = next, Length = (ulong)segment.Length };
            next += segment.Length;
            if (ReferenceKinds.IsObject(segment.Type)) resources.AddObjectSegment(guest.ElementSegments, i);
        }
    }

    private void KeepData()
    {
        if (module.Datas.Length == 0) return;
        // Module pins its bytes, and the instance keeps the module.
        byte* bytes = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(module.Bytes.Span));
        for (int i = 0; i < module.Datas.Length; i++)
        {
            if (module.Datas[i].Mode == SegmentMode.Passive)
                guest.DataSegments[i] = new SegmentState { Start = bytes + module.Datas[i].Start, Length = (ulong)module.Datas[i].Length };
        }
    }

    private void ApplyElements()
    {
        foreach (ElementSegment segment in module.Elements)
        {
            if (segment.Mode != SegmentMode.Active) continue;
            ulong offset = constants.Evaluate(segment.Offset);
            TableState* table = guest.Tables[segment.Table];
            if (offset > table->Length || (ulong)segment.Length > table->Length - offset) throw new GuestFault(TrapKind.TableOutOfBounds);
            ulong* elements = table->Elements + offset;
            for (int i = 0; i < segment.Length; i++) elements[i] = ElementOf(segment, i);
        }
    }

    private void ApplyData()
    {
        foreach (DataSegment segment in module.Datas)
        {
            if (segment.Mode != SegmentMode.Active) continue;
            ulong offset = constants.Evaluate(segment.Offset);
            MemoryState* memory = guest.Memories[segment.Memory];
            if (offset > memory->Length || (ulong)segment.Length > memory->Length - offset) throw new GuestFault(TrapKind.MemoryOutOfBounds);
            module.Bytes.Span.Slice(segment.Start, segment.Length).CopyTo(new Span<byte>(memory->Base + offset, segment.Length));
        }
    }

    private ulong ElementOf(ElementSegment segment, int index) => segment.Functions is { } functions
        ? (ulong)guest.Functions[functions[index]]
        : constants.Evaluate(segment.Expressions![index]);

    private void Free()
    {
        instance.MarkFailed();
        resources.RemoveRoots((nint)guest.State, guest.Code.Layout.Size);
        Undo();
        resources.ReleaseInstance();
    }

    private void Undo()
    {
        for (int i = made.Count - 1; i >= 0; i--) resources.Release(made[i]);
    }
}
