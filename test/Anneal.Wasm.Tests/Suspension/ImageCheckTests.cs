// Images that don't fit where they are resumed, and damaged ones: each is refused with what is wrong, and nothing has run or changed.

using Anneal.Tiering;
using Anneal.Wasm.Suspension;
using Xunit;

namespace Anneal.Wasm.Tests.Suspension;

public sealed class ImageCheckTests : SuspensionTest
{
    private const string Text = """
        (module $m
          (import "h" "ask" (func $ask))
          (import "h" "base" (global $base i32))
          (type $u (func (param i32) (result i32)))
          (memory (export "memory") 1 3)
          (table $t (export "table") 3 10 funcref)
          (elem (i32.const 0) $inc)
          (global $g (export "g") (mut i32) (i32.const 1))
          (data $d "passive")
          (func $inc (param i32) (result i32) (i32.add (local.get 0) (global.get $base)))
          (func $wide (param i64) (result i64) (local.get 0))
          (func $inner (param i32 i64 funcref) (result i32) (local f32 (ref null $u))
            (call $ask)
            (loop $l (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (global.get $g))
          (func (export "run") (param i32) (result i32)
            (i32.add (local.get 0) (call $inner (i32.const 5) (i64.const -1) (ref.null func))))
          (func (export "grow") (drop (memory.grow (i32.const 1))) (drop (table.grow $t (ref.null func) (i32.const 1)))))
        """;

    private StateImage image = null!;
    private Store store = null!;
    private Instance instance = null!;

    private Instance LinkIn(Store store, string text = Text, int constant = 1)
    {
        Linker linker = NewLinker(store.Engine);
        linker.Define("h", "ask", () => { store.Suspend(); });
        linker.Define("h", "base", new Global(store, new GlobalType(ValueType.I32, IsMutable: false), constant));
        return linker.Instantiate(store, Compile(store.Engine, text));
    }

    private void Take(Tier tier = Tier.Threaded)
    {
        store = NewStore(NewEngine(tier));
        instance = LinkIn(store);
        image = Suspended(() => instance.GetFunction("run")!.Invoke(10)).Image;
    }

    private StateImage With(int? version = null, FrameImage[]? stack = null, InstanceImage[]? instances = null, MemoryImage[]? memories = null, TableImage[]? tables = null, GlobalImage[]? globals = null, long? fuel = null) => new()
    {
        Version = version ?? image.Version,
        Reason = image.Reason,
        Fuel = fuel ?? image.Fuel,
        Stack = stack ?? image.Stack,
        Instances = instances ?? image.Instances,
        Memories = memories ?? image.Memories,
        Tables = tables ?? image.Tables,
        Globals = globals ?? image.Globals,
        Wasi = image.Wasi,
    };

    private StateImage WithFrame(int number, Func<FrameImage, FrameImage> change)
    {
        FrameImage[] stack = [.. image.Stack];
        stack[number] = change(stack[number]);
        return With(stack: stack);
    }

    private void Refused(StateImage damaged, string why)
    {
        instance.GetGlobal("g")!.Set(55);
        Assert.Contains(why, Assert.Throws<StateImageException>(() => store.Resume(damaged)).Message);
        Assert.Equal(55, instance.GetGlobal("g")!.Get<int>());
        Assert.Equal(11, store.Resume(image));
    }

    [Fact]
    public void Another_version_or_kind_of_code()
    {
        Take();
        Refused(With(version: 2), "version 2");
        Refused(With(version: 0), "version 0");
        Refused(With(fuel: 5), "fuel metering");
        using var metered = new Store(NewMeteringEngine(Tier.Portable)) { Fuel = 1000 };
        LinkIn(metered);
        Assert.Contains("fuel metering", Assert.Throws<StateImageException>(() => metered.Resume(image)).Message);
    }

    [Fact]
    public void Another_module()
    {
        Take();
        Store other = NewStore(store.Engine);
        Instance wrong = LinkIn(other, Text.Replace("i32.const 5", "i32.const 6", StringComparison.Ordinal));
        Assert.Contains("no instance of instance 0's module m (SHA-256 ", Assert.Throws<StateImageException>(() => other.Resume(image)).Message);
        Assert.Contains("another module", Assert.Throws<StateImageException>(() => other.Resume(image, wrong)).Message);
        Assert.Contains("2 are given", Assert.Throws<StateImageException>(() => other.Resume(image, wrong, wrong)).Message);
        Assert.Throws<ArgumentException>(() => other.Resume(image, instance));
        Instance right = LinkIn(other);
        Assert.Equal(11, other.Resume(image));
        LinkIn(other);
        Assert.Contains("several instances", Assert.Throws<StateImageException>(() => other.Resume(image)).Message);
        Assert.Equal(11, other.Resume(image, right));
        Assert.Equal([Convert.ToHexStringLower(right.Module.Hash)], image.Modules);
    }

    [Fact]
    public void Another_constant_of_the_hosts()
    {
        Take();
        Store other = NewStore(store.Engine);
        LinkIn(other, constant: 2);
        Assert.Contains("another constant", Assert.Throws<StateImageException>(() => other.Resume(image)).Message);
    }

    [Fact]
    public void A_memory_that_has_grown_since()
    {
        Take();
        instance.GetFunction("grow")!.Invoke();
        Assert.Contains("can't shrink", Assert.Throws<StateImageException>(() => store.Resume(image)).Message);
        Assert.Equal(2, instance.GetMemory("memory")!.Pages);
        Store other = NewStore(store.Engine);
        LinkIn(other);
        Assert.Equal(11, other.Resume(image));
    }

    [Fact]
    public void A_table_that_has_grown_since_is_shortened()
    {
        Take();
        instance.GetTable("table")!.Grow(4);
        Assert.Equal(11, store.Resume(image));
        Assert.Equal(3, instance.GetTable("table")!.Length);
    }

    [Fact]
    public void Limits_of_the_store()
    {
        Take();
        instance.GetMemory("memory")!.Grow(1);
        image = Suspended(() => instance.GetFunction("run")!.Invoke(10)).Image;
        Store small = NewStore(store.Engine, new StoreLimits { MaxMemoryBytes = 1 << 16 });
        LinkIn(small);
        Assert.Contains("limits", Assert.Throws<StateImageException>(() => small.Resume(image)).Message);
    }

    [Fact]
    public void Frames_that_can_not_be()
    {
        Take();
        Refused(With(stack: []), "no frames");
        Refused(WithFrame(0, frame => frame with { Instance = 1 }), "instance 1 of 1");
        Refused(WithFrame(0, frame => frame with { Instance = -1 }), "instance -1 of 1");
        Refused(WithFrame(0, frame => frame with { Function = 0 }), "has its own from 1");
        Refused(WithFrame(0, frame => frame with { Function = 6 }), "has its own from 1");
        Refused(WithFrame(0, frame => frame with { Function = int.MinValue }), "has its own from 1");
        Refused(WithFrame(0, frame => frame with { Pc = frame.Pc + 1 }), "where no instruction starts");
        Refused(WithFrame(0, frame => frame with { Pc = -1 }), "where no instruction starts");
        Refused(WithFrame(0, frame => frame with { Pc = int.MaxValue }), "where no instruction starts");
        Refused(WithFrame(0, frame => frame with { Point = FramePoint.Entry }), "can't have been stopped");
        Refused(WithFrame(0, frame => frame with { Point = FramePoint.At }), "can't have been stopped");
        Refused(WithFrame(0, frame => frame with { Pc = 0, Point = FramePoint.After }), "can't have been stopped");
        Refused(WithFrame(1, frame => frame with { Point = FramePoint.At }), "can't have been stopped");
        Refused(With(stack: [image.Stack[0], image.Stack[0]]), "can't have been stopped");
        Refused(WithFrame(0, frame => frame with { Slots = [.. frame.Slots, 0] }), "slots; function 3 has");
        Refused(WithFrame(1, frame => frame with { Slots = [] }), "has 0 slots");
        // The callee of another type: what it returns isn't what the caller takes.
        Refused(WithFrame(0, frame => frame with { Function = 2, Pc = 0, Point = FramePoint.Entry, Slots = new ulong[instance.Code.BodyOf(2).SlotCount], References = [] }), "doesn't return what frame 1 waits for");
    }

    [Fact]
    public void Values_that_can_not_be()
    {
        Take();
        Refused(WithFrame(0, frame => frame with { Slots = [.. frame.Slots.Select((value, i) => i == 0 ? value | (1ul << 32) : value)] }), "no i32");
        Refused(WithFrame(0, frame => frame with { Slots = [.. frame.Slots.Select((value, i) => i == 3 ? ulong.MaxValue : value)] }), "no f32");
        Refused(WithFrame(0, frame => frame with { Slots = [.. frame.Slots.Select((value, i) => i == 2 ? 4096ul : value)] }), "slot 2 of frame 0");
        Refused(WithFrame(0, frame => frame with { References = [new(0, ReferenceImage.OfFunction(0, 1))] }), "where there's none");
        Refused(WithFrame(0, frame => frame with { References = [new(99, ReferenceImage.OfFunction(0, 1))] }), "where there's none");
        Refused(WithFrame(0, frame => frame with { References = [new(2, ReferenceImage.OfFunction(0, 9))] }), "no function 9");
        Refused(WithFrame(0, frame => frame with { References = [new(2, ReferenceImage.OfFunction(7, 1))] }), "instance 7");
        Refused(WithFrame(0, frame => frame with { References = [new(2, ReferenceImage.OfObject("text"))] }), "in place of a function");
        // A local of the type of $inc takes $inc, but not $wide.
        Refused(WithFrame(0, frame => frame with { References = [new(4, ReferenceImage.OfFunction(0, 2))] }), "in place of a (ref null");
        Assert.Equal(11, store.Resume(WithFrame(0, frame => frame with { References = [new(4, ReferenceImage.OfFunction(0, 1))] })));
    }

    [Fact]
    public void State_that_can_not_be()
    {
        Take();
        Refused(With(memories: []), "memory 0 of instance 0 is number 0 of 0");
        Refused(With(memories: [image.Memories[0], image.Memories[0]]), "belongs to no instance");
        Refused(With(memories: [new MemoryImage(4 << 16, new byte[]?[4])]), "at most");
        Refused(With(memories: [new MemoryImage(1, new byte[]?[1])]), "at most");
        Refused(With(memories: [new MemoryImage(1 << 16, new byte[]?[2])]), "2 pages");
        Refused(With(memories: [new MemoryImage(1 << 16, [new byte[7]])]), "page of 7 bytes");
        Refused(With(tables: [new TableImage(new ReferenceImage[11])]), "more than it may");
        Refused(With(tables: [new TableImage([ReferenceImage.OfObject(1)])]), "element 0 of table 0");
        Refused(With(globals: [.. image.Globals.Select(global => global with { Bits = 1ul << 40 })]), "holds no i32");
        Refused(With(globals: [.. image.Globals.Select(global => global with { Reference = ReferenceImage.OfObject("x") })]), "holds no i32");
        Refused(With(instances: [image.Instances[0] with { Memories = [-1] }]), "is number -1 of 1");
        Refused(With(instances: [image.Instances[0] with { Tables = [] }]), "has 0 tables");
        Refused(With(instances: [image.Instances[0] with { DroppedData = [] }]), "data segments");
        Refused(With(instances: [image.Instances[0] with { Imports = [new FunctionImport(0, 1, -1)] }]), "import h.ask isn't linked as in the image");
        Refused(With(instances: [image.Instances[0] with { Imports = [new FunctionImport(3, 1, -1)] }]), "of instance 3");
        Refused(With(instances: [image.Instances[0] with { Imports = [new FunctionImport(-1, -1, 3)] }]), "WASI state 3");
        Refused(With(instances: [image.Instances[0], image.Instances[0]]), "twice");
    }
}
