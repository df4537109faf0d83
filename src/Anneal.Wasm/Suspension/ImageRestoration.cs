// Puts an image into a store: everything is checked before anything is changed, then memories, tables, globals, segments and
// descriptors become what they were, and last the frames are made, to be run at once.

using Anneal.Runtime;
using Anneal.Tiering;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Runtime;

namespace Anneal.Wasm.Suspension;

/// <summary>The resumption of one image.</summary>
internal sealed unsafe class ImageRestoration
{
    private readonly StateImage image;
    private readonly ImageTargets targets;
    private readonly FrameRestoration frames;
    private readonly ReferenceRestoration references;

    /// <exception cref="StateImageException">The image can't be resumed there.</exception>
    public ImageRestoration(Store store, StateImage image, Instance[] instances)
    {
        this.image = image;
        if (image.Version != StateImage.CurrentVersion) throw new StateImageException($"the image has version {image.Version}; this engine resumes version {StateImage.CurrentVersion}");
        bool isMetered = store.Engine.Options.FuelMetering;
        if (image.Fuel is not null != isMetered)
            throw new StateImageException($"the image is of a guest {(isMetered ? "without" : "with")} fuel metering, and the store's engine is {(isMetered ? "with" : "without")} it: their code differs");
        targets = new ImageTargets(store, image, instances);
        references = new ReferenceRestoration(store, targets.Instances);
        frames = new FrameRestoration(image, targets.Instances, store.Engine.StateOf(TypeRegistry.New));
        frames.CheckReferences(references);
        CheckMemories();
        CheckTables();
        CheckGlobals();
        CheckSegments();
    }

    /// <summary>What the whole call returns.</summary>
    public FunctionType Type => frames.Type;

    /// <summary>Puts the state in place.</summary>
    /// <returns>The frames, to be run before the store can collect host objects.</returns>
    /// <exception cref="StateImageException">Something can't be had: memory, a file.</exception>
    public FrameState[] Apply()
    {
        Grow();
        ApplyWasi();
        for (int i = 0; i < image.Memories.Length; i++) image.Memories[i].CopyTo(MemoryAt(i));
        for (int i = 0; i < image.Tables.Length; i++)
        {
            ReferenceImage[] elements = image.Tables[i].Elements;
            var table = (TableState*)targets.Tables[i];
            table->Length = (ulong)elements.Length;
            for (int n = 0; n < elements.Length; n++) table->Elements[n] = references.SlotOf(elements[n], targets.ElementTypes[i], $"element {n} of table {i}");
        }

        for (int i = 0; i < image.Globals.Length; i++) *(ulong*)targets.Globals[i] = ValueOf(i);
        for (int i = 0; i < targets.Instances.Length; i++) ApplySegments(i);
        return frames.Make(references);
    }

    private LinearMemory MemoryAt(int i) => LinearMemory.Of((MemoryState*)targets.Memories[i]);

    private void CheckMemories()
    {
        for (int i = 0; i < image.Memories.Length; i++)
        {
            MemoryImage wanted = image.Memories[i];
            LinearMemory memory = MemoryAt(i);
            if (wanted.Length > memory.Maximum || wanted.Length % LinearMemory.PageBytes != 0) throw new StateImageException($"memory {i} has {wanted.Length} bytes, of {memory.Maximum} at most");
            if (wanted.Length < memory.Length)
                throw new StateImageException($"memory {i} had {wanted.Length} bytes and has grown to {memory.Length} since; a memory can't shrink: resume the image in another store");
            if ((ulong)wanted.Pages.Length != wanted.Length / MemoryImage.PageBytes) throw new StateImageException($"memory {i} has {wanted.Pages.Length} pages for {wanted.Length} bytes");
            foreach (byte[]? page in wanted.Pages)
            {
                if (page is not null && page.Length != MemoryImage.PageBytes) throw new StateImageException($"memory {i} has a page of {page.Length} bytes");
            }
        }
    }

    private void CheckTables()
    {
        for (int i = 0; i < image.Tables.Length; i++)
        {
            ReferenceImage[] elements = image.Tables[i].Elements;
            if ((ulong)elements.Length > ReferenceTable.Of((TableState*)targets.Tables[i]).Maximum) throw new StateImageException($"table {i} has {elements.Length} elements, more than it may");
            for (int n = 0; n < elements.Length; n++) references.Check(elements[n], targets.ElementTypes[i], $"element {n} of table {i}");
        }
    }

    private void CheckGlobals()
    {
        for (int i = 0; i < image.Globals.Length; i++)
        {
            GlobalImage wanted = image.Globals[i];
            GlobalType type = targets.GlobalTypes[i];
            bool isNarrow = type.Content == ValueType.I32 || type.Content == ValueType.F32;
            if (type.Content.IsReference) references.Check(wanted.Reference, type.Content, $"global {i}");
            else if (!wanted.Reference.IsNull || (isNarrow && wanted.Bits > uint.MaxValue)) throw new StateImageException($"global {i} holds no {type.Content}");
            // A constant of the host's is part of how the guest is linked, not of its state.
            if (!wanted.IsOwned && !type.IsMutable && *(ulong*)targets.Globals[i] != ValueOf(i)) throw new StateImageException($"global {i}, which the host has given, is another constant than in the image");
        }
    }

    private ulong ValueOf(int global) => targets.GlobalTypes[global].Content is { IsReference: true } type
        ? references.SlotOf(image.Globals[global].Reference, type, $"global {global}")
        : image.Globals[global].Bits;

    private void CheckSegments()
    {
        for (int i = 0; i < targets.Instances.Length; i++)
        {
            ElementSegment[] segments = targets.Instances[i].Module.Definition.Elements;
            for (int n = 0; n < segments.Length; n++)
            {
                bool hasObjects = segments[n].Mode == SegmentMode.Passive && segments[n].Length != 0 && !image.Instances[i].DroppedElements[n] && ReferenceKinds.IsObject(segments[n].Type);
                ReferenceImage[]? objects = image.Instances[i].Objects[n];
                if (hasObjects != objects is not null || objects?.Length != segments[n].Length && hasObjects)
                    throw new StateImageException($"element segment {n} of instance {i} has {objects?.Length ?? 0} objects");
                foreach (ReferenceImage reference in objects ?? []) references.Check(reference, segments[n].Type, $"element segment {n} of instance {i}");
            }
        }
    }

    // What may be refused comes before what is written.
    private void Grow()
    {
        for (int i = 0; i < image.Memories.Length; i++)
        {
            LinearMemory memory = MemoryAt(i);
            if (!memory.TryGrow(image.Memories[i].Length - memory.Length, out _))
                throw new StateImageException($"memory {i} can't grow to {image.Memories[i].Length} bytes: the store's limits, or the system, refuse it");
        }

        for (int i = 0; i < image.Tables.Length; i++)
        {
            var table = ReferenceTable.Of((TableState*)targets.Tables[i]);
            ulong wanted = (ulong)image.Tables[i].Elements.Length;
            if (wanted > table.Length && !table.TryGrow(wanted - table.Length, 0, out _)) throw new StateImageException($"table {i} can't grow to {wanted} elements: the store's limits, or the system, refuse it");
        }
    }

    private void ApplyWasi()
    {
        var prepared = new List<WasiRestoration>();
        try
        {
            for (int i = 0; i < image.Wasi.Length; i++)
            {
                if (targets.Wasi[i] is { } state) prepared.Add(state.Prepare(image.Wasi[i]));
            }
        }
        catch
        {
            foreach (WasiRestoration restoration in prepared) restoration.Dispose();
            throw;
        }

        foreach (WasiRestoration restoration in prepared) restoration.Commit();
    }

    private void ApplySegments(int i)
    {
        ModuleDefinition module = targets.Instances[i].Module.Definition;
        GuestInstance guest = targets.Instances[i].State;
        InstanceImage wanted = image.Instances[i];
        for (int n = 0; n < module.Datas.Length; n++)
        {
            if (module.Datas[n].Mode == SegmentMode.Passive) guest.DataSegments[n].Length = wanted.DroppedData[n] ? 0 : (ulong)module.Datas[n].Length;
        }

        for (int n = 0; n < module.Elements.Length; n++)
        {
            if (module.Elements[n].Mode != SegmentMode.Passive) continue;
            SegmentState* segment = guest.ElementSegments + n;
            segment->Length = wanted.DroppedElements[n] ? 0 : (ulong)module.Elements[n].Length;
            if (wanted.Objects[n] is not { } objects) continue;
            for (int element = 0; element < objects.Length; element++) ((ulong*)segment->Start)[element] = references.SlotOf(objects[element], module.Elements[n].Type, "an element");
        }
    }
}
