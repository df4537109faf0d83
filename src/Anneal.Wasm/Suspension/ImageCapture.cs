// Makes a state image of lifted frames. First finds all instances that the frames reach: those of the frames, those whose functions
// these import, and those whose functions are in tables, globals, segments and slots that any of them has. Then copies their
// state. References become numbers of instances and functions; so this comes last, when all instances have their number.
//
// Nothing is refused here, for the guest's native frames are gone already: what can't leave the store is noted as such, and
// resuming elsewhere refuses it.

using Anneal.Runtime;
using Anneal.Tiering;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Lowering;
using Anneal.Wasm.Runtime;
using Anneal.Wasm.Wasi;

namespace Anneal.Wasm.Suspension;

/// <summary>The making of one state image.</summary>
internal sealed unsafe class ImageCapture
{
    private readonly Store store;
    private readonly FrameState[] frames;
    private readonly FrameLayout[] layouts;
    private readonly List<Instance> instances = [];
    private readonly Dictionary<GuestInstance, int> numbers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<nint, ReferenceImage> hostFunctions = [];
    private readonly Dictionary<nint, int> memories = []; // by address of the state, in the order in which they were found
    private readonly Dictionary<nint, int> tables = [];
    private readonly Dictionary<nint, int> globals = [];
    private readonly List<GlobalImage> globalImages = [];
    private readonly List<WasiPreview1> wasi = [];

    private ImageCapture(Store store, FrameState[] frames)
    {
        this.store = store;
        this.frames = frames;
        layouts = FrameLayouts.Of(frames);
    }

    /// <summary>The image of a guest whose frames have been lifted.</summary>
    /// <param name="store">Its store, held by this thread.</param>
    /// <param name="suspension">What ended the call.</param>
    /// <param name="fuel">The fuel that is left; null if guests aren't metered.</param>
    public static StateImage Of(Store store, GuestSuspension suspension, long? fuel)
    {
        var capture = new ImageCapture(store, suspension.Frames);
        capture.FindInstances();
        return capture.Make(suspension.Reason!.Value, fuel);
    }

    private void FindInstances()
    {
        foreach (FrameState frame in frames) Reach(frame.Instance);
        for (int i = 0; i < frames.Length; i++)
        {
            for (int slot = 0; slot < layouts[i].SlotCount; slot++)
            {
                if (IsFunction(layouts[i][slot])) Reach(frames[i].Slots[slot]);
            }
        }

        // The list grows meanwhile.
        var seen = new HashSet<nint>();
        for (int i = 0; i < instances.Count; i++)
        {
            ModuleDefinition module = instances[i].Module.Definition;
            GuestInstance guest = instances[i].State;
            for (int function = 0; function < module.ImportedFunctionCount; function++) NoteImport(i, guest, function);
            for (int table = 0; table < module.Tables.Length; table++)
            {
                TableState* state = guest.Tables[table];
                if (IsFunction(module.Tables[table].Type.Element) && seen.Add((nint)state)) ReachAll(state->Elements, state->Length);
            }

            for (int global = 0; global < module.Globals.Length; global++)
            {
                if (IsFunction(module.Globals[global].Type.Content)) Reach(*guest.Globals[global]);
            }

            for (int segment = 0; segment < module.Elements.Length; segment++)
            {
                if (IsFunction(module.Elements[segment].Type)) ReachAll((ulong*)guest.ElementSegments[segment].Start, guest.ElementSegments[segment].Length);
            }
        }
    }

    private static bool IsFunction(ValueType type) => type.IsReference && ReferenceKinds.IsFunction(type);

    private void NoteImport(int instance, GuestInstance guest, int function)
    {
        FunctionReference* reference = guest.Functions[function];
        if (reference->Function >= 0) Reach((ulong)reference);
        else hostFunctions.TryAdd((nint)reference, ReferenceImage.OfFunction(instance, function));
    }

    private void ReachAll(ulong* slots, ulong count)
    {
        for (ulong i = 0; i < count; i++) Reach(slots[i]);
    }

    private void Reach(ulong slot)
    {
        var reference = (FunctionReference*)slot;
        if (reference != null && reference->Function >= 0) Reach(GuestInstance.Of(reference->Instance));
    }

    private void Reach(GuestInstance guest)
    {
        if (!numbers.TryAdd(guest, instances.Count)) return;
        instances.Add((Instance)guest.Guest!);
    }

    private StateImage Make(SuspensionReason reason, long? fuel)
    {
        var images = new InstanceImage[instances.Count];
        for (int i = 0; i < images.Length; i++) images[i] = Make(instances[i]);
        return new StateImage
        {
            Reason = reason,
            Fuel = fuel,
            Stack = [.. frames.Select((frame, i) => Make(frame, layouts[i]))],
            Instances = images,
            Memories = [.. memories.Keys.Select(state => MemoryImage.Of(LinearMemory.Of((MemoryState*)state)))],
            Tables = MakeTables(),
            Globals = [.. globalImages],
            Wasi = [.. wasi.Select(state => state.Capture())],
        };
    }

    private InstanceImage Make(Instance instance)
    {
        ModuleDefinition module = instance.Module.Definition;
        GuestInstance guest = instance.State;
        var image = new InstanceImage
        {
            ModuleHash = instance.Module.Hash,
            ModuleName = instance.Module.Name,
            Memories = new int[module.Memories.Length],
            Tables = new int[module.Tables.Length],
            Globals = new int[module.Globals.Length],
            Imports = new FunctionImport[module.ImportedFunctionCount],
            DroppedData = new bool[module.Datas.Length],
            DroppedElements = new bool[module.Elements.Length],
            Objects = new ReferenceImage[]?[module.Elements.Length],
            Origin = new WeakReference<Instance>(instance),
        };
        for (int i = 0; i < image.Memories.Length; i++) image.Memories[i] = NumberIn(memories, (nint)guest.Memories[i]);
        for (int i = 0; i < image.Tables.Length; i++) image.Tables[i] = NumberIn(tables, (nint)guest.Tables[i]);
        for (int i = 0; i < image.Globals.Length; i++) image.Globals[i] = Make(module, guest, i);
        for (int i = 0; i < image.Imports.Length; i++) image.Imports[i] = Import(guest.Functions[i]);
        for (int i = 0; i < module.Datas.Length; i++)
            image.DroppedData[i] = module.Datas[i].Mode == SegmentMode.Passive && module.Datas[i].Length != 0 && guest.DataSegments[i].Length == 0;
        for (int i = 0; i < module.Elements.Length; i++)
        {
            ElementSegment segment = module.Elements[i];
            if (segment.Mode != SegmentMode.Passive || segment.Length == 0) continue;
            image.DroppedElements[i] = guest.ElementSegments[i].Length == 0;
            if (!image.DroppedElements[i] && ReferenceKinds.IsObject(segment.Type))
                image.Objects[i] = References((ulong*)guest.ElementSegments[i].Start, guest.ElementSegments[i].Length, isObject: true);
        }

        return image;
    }

    private static int NumberIn(Dictionary<nint, int> known, nint state)
    {
        if (!known.TryGetValue(state, out int number)) known.Add(state, number = known.Count);
        return number;
    }

    private int Make(ModuleDefinition module, GuestInstance guest, int global)
    {
        bool isOwn = global >= module.ImportedGlobalCount;
        GlobalType type = module.Globals[global].Type;
        int number = NumberIn(globals, (nint)guest.Globals[global]);
        ulong value = *guest.Globals[global];
        if (number < globalImages.Count) globalImages[number] = globalImages[number] with { IsOwned = globalImages[number].IsOwned || isOwn };
        else if (type.Content.IsReference) globalImages.Add(new GlobalImage(type, 0, Reference(value, ReferenceKinds.IsObject(type.Content)), isOwn));
        else globalImages.Add(new GlobalImage(type, value, ReferenceImage.Null, isOwn));
        return number;
    }

    private FunctionImport Import(FunctionReference* reference)
    {
        if (reference->Function >= 0) return new FunctionImport(numbers[GuestInstance.Of(reference->Instance)], reference->Function, -1);
        if (HostFunction.Of(reference->Instance) is not WasiHostFunction { Wasi: var state }) return new FunctionImport(-1, -1, -1);
        int known = wasi.IndexOf(state);
        if (known < 0)
        {
            known = wasi.Count;
            wasi.Add(state);
        }

        return new FunctionImport(-1, -1, known);
    }

    private TableImage[] MakeTables()
    {
        var images = new TableImage[tables.Count];
        for (int i = 0; i < instances.Count; i++)
        {
            ModuleDefinition module = instances[i].Module.Definition;
            for (int table = 0; table < module.Tables.Length; table++)
            {
                TableState* state = instances[i].State.Tables[table];
                ref TableImage image = ref images[tables[(nint)state]];
                if (image.Elements is null) image = new TableImage(References(state->Elements, state->Length, ReferenceKinds.IsObject(module.Tables[table].Type.Element)));
            }
        }

        return images;
    }

    private ReferenceImage[] References(ulong* slots, ulong count, bool isObject)
    {
        var images = new ReferenceImage[checked((int)count)];
        for (int i = 0; i < images.Length; i++) images[i] = Reference(slots[i], isObject);
        return images;
    }

    private ReferenceImage Reference(ulong slot, bool isObject)
    {
        if (slot == 0) return ReferenceImage.Null;
        if (isObject) return ReferenceImage.OfObject(store.Objects[slot]!);
        var reference = (FunctionReference*)slot;
        if (reference->Function >= 0) return ReferenceImage.OfFunction(numbers[GuestInstance.Of(reference->Instance)], reference->Function);
        return hostFunctions.TryGetValue((nint)reference, out ReferenceImage import) ? import : ReferenceImage.OfObject(store.FunctionAt(slot)!);
    }

    private FrameImage Make(FrameState frame, FrameLayout layout)
    {
        ulong[] slots = new ulong[layout.SlotCount];
        var references = new List<KeyValuePair<int, ReferenceImage>>();
        for (int i = 0; i < slots.Length; i++)
        {
            if (!layout[i].IsReference) slots[i] = layout.IsLive(i) ? frame.Slots[i] : 0;
            else if (Reference(frame.Slots[i], ReferenceKinds.IsObject(layout[i])) is { IsNull: false } reference) references.Add(new(i, reference));
        }

        return new FrameImage
        {
            Instance = numbers[frame.Instance],
            Function = frame.Function,
            Pc = frame.Pc,
            Point = frame.Point,
            Slots = slots,
            References = [.. references],
            Layout = layout,
            Where = frame.Unit.FrameAt(frame.Function, frame.Pc),
        };
    }
}
