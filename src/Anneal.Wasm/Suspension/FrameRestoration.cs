// Makes frames of an image's. An image is not to be trusted: a frame must stand where one can be stopped, with as many slots as it has
// there, its values must be what the code takes them for, and each must return what the next one waits for.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Tiering;
using Anneal.Wasm.Lowering;

namespace Anneal.Wasm.Suspension;

/// <summary>Checks the frames of an image and makes them ready to run.</summary>
internal sealed unsafe class FrameRestoration
{
    private readonly StateImage image;
    private readonly Instance[] instances;
    private readonly FrameLayout[] layouts;

    /// <exception cref="StateImageException">A frame can't be one.</exception>
    public FrameRestoration(StateImage image, Instance[] instances, TypeRegistry types)
    {
        this.image = image;
        this.instances = instances;
        if (image.Stack.Length == 0) throw new StateImageException("the image has no frames");
        var places = new (CodeUnit, int, int, FramePoint)[image.Stack.Length];
        for (int i = 0; i < places.Length; i++)
        {
            FrameImage frame = image.Stack[i];
            CheckFunction(i, frame);
            CheckPlace(i, frame);
            places[i] = (instances[frame.Instance].Code, frame.Function, frame.Pc, frame.Point);
        }

        layouts = FrameLayouts.Of(places);
        for (int i = 0; i < places.Length; i++)
        {
            CheckSlots(i, image.Stack[i]);
            if (i != 0) CheckReturn(i, types);
        }
    }

    /// <summary>The type of the outermost frame's function: what the whole call returns.</summary>
    public FunctionType Type => TypeOf(image.Stack[^1]);

    /// <summary>Checks what the frames refer to.</summary>
    /// <exception cref="StateImageException">A reference isn't one of its slot's type, or of the store.</exception>
    public void CheckReferences(ReferenceRestoration references)
    {
        for (int i = 0; i < image.Stack.Length; i++)
        {
            foreach ((int slot, ReferenceImage reference) in image.Stack[i].References) references.Check(reference, layouts[i][slot], $"slot {slot} of frame {i}");
        }
    }

    /// <summary>The frames, with references as they are in the store. To be run before it can collect host objects.</summary>
    public FrameState[] Make(ReferenceRestoration references)
    {
        var frames = new FrameState[image.Stack.Length];
        int window = 0;
        for (int i = frames.Length - 1; i >= 0; i--)
        {
            FrameImage frame = image.Stack[i];
            ulong[] slots = [.. frame.Slots];
            foreach ((int slot, ReferenceImage reference) in frame.References) slots[slot] = references.SlotOf(reference, layouts[i][slot], $"slot {slot} of frame {i}");
            frames[i] = new FrameState(instances[frame.Instance].State, frame.Function, frame.Pc, frame.Point, window, slots);
            window += slots.Length;
        }

        return frames;
    }

    private FunctionType TypeOf(FrameImage frame) => instances[frame.Instance].Module.Definition.Functions[frame.Function];

    private FunctionBody BodyOf(FrameImage frame) => instances[frame.Instance].Code.BodyOf(frame.Function);

    private void CheckFunction(int i, FrameImage frame)
    {
        if ((uint)frame.Instance >= (uint)instances.Length) throw new StateImageException($"frame {i} works on instance {frame.Instance} of {instances.Length}");
        InstanceCounts counts = instances[frame.Instance].Code.Layout.Counts;
        if (frame.Function < counts.ImportedFunctions || frame.Function >= counts.Functions)
            throw new StateImageException($"frame {i} is of function {frame.Function}; instance {frame.Instance} has its own from {counts.ImportedFunctions} to {counts.Functions - 1}");
    }

    private void CheckPlace(int i, FrameImage frame)
    {
        FunctionBody body = BodyOf(frame);
        int pc = 0;
        while (pc < frame.Pc && pc < body.Code.Length) pc += OpTable.LengthAt(body.Code, pc);
        if (pc != frame.Pc || pc >= body.Code.Length) throw new StateImageException($"frame {i} is at pc {frame.Pc} of function {frame.Function}, where no instruction starts");
        var op = (Op)(ushort)body.Code[pc];
        bool fits = i == 0
            ? frame.Point switch
            {
                FramePoint.Entry => pc == 0,
                FramePoint.After => op == Op.Loop,
                FramePoint.At => op is Op.Fuel or Op.FuelBytes or Op.FuelElements or (>= Op.MemorySize and <= Op.ElemDrop),
                _ => false,
            }
            : frame.Point == FramePoint.After && op is Op.Call or Op.CallImport or Op.CallIndirect or Op.CallRef;
        if (!fits) throw new StateImageException($"frame {i} can't have been stopped {frame.Point} the {OpTable.Mnemonic(op)} at pc {pc} of function {frame.Function}");
    }

    private void CheckSlots(int i, FrameImage frame)
    {
        FrameLayout layout = layouts[i];
        if (frame.Slots.Length != layout.SlotCount) throw new StateImageException($"frame {i} has {frame.Slots.Length} slots; function {frame.Function} has {layout.SlotCount} at pc {frame.Pc}");
        for (int slot = 0; slot < frame.Slots.Length; slot++)
        {
            ValueType type = layout[slot];
            bool isWide = type == ValueType.I64 || type == ValueType.F64;
            bool isNarrow = type == ValueType.I32 || type == ValueType.F32;
            // The upper half of a narrow value is 0, always: guarded accesses rely on it.
            if (!isWide && frame.Slots[slot] > (isNarrow ? uint.MaxValue : 0)) throw new StateImageException($"slot {slot} of frame {i} holds 0x{frame.Slots[slot]:x}, no {(layout.IsLive(slot) ? type : "value")}");
        }

        foreach ((int slot, ReferenceImage _) in frame.References)
        {
            if ((uint)slot >= (uint)layout.SlotCount || !layout[slot].IsReference) throw new StateImageException($"slot {slot} of frame {i} holds a reference where there's none");
        }
    }

    // Tail calls replace frames by others of any parameters, but with the same results.
    private void CheckReturn(int i, TypeRegistry types)
    {
        FrameImage caller = image.Stack[i];
        ulong[] code = BodyOf(caller).Code;
        var callee = new CallOperand(code[caller.Pc + 1]);
        bool isByIndex = (Op)(ushort)code[caller.Pc] is Op.Call or Op.CallImport;
        FunctionType called = isByIndex ? instances[caller.Instance].Module.Definition.Functions[callee.Callee] : types[callee.Callee];
        if (!TypeOf(image.Stack[i - 1]).Results.AsSpan().SequenceEqual(called.Results.AsSpan()))
            throw new StateImageException($"frame {i - 1} doesn't return what frame {i} waits for");
    }
}
