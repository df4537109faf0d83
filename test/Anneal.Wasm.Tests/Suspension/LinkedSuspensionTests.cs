// Guests of several instances, and those with files: an image has all that the frames reach, and goes on where it's linked in the same way.

using Anneal.Wasm.Tests.Wasi;
using Anneal.Wasm.Wasi;
using Xunit;

namespace Anneal.Wasm.Tests.Suspension;

public sealed class LinkedSuspensionTests : SuspensionTest
{
    private const string Library = """
        (module $library
          (import "h" "ask" (func $ask))
          (memory (export "memory") 1)
          (table (export "table") 4 funcref)
          (global $calls (export "calls") (mut i32) (i32.const 0))
          (func (export "step") (param i32) (result i32)
            (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
            (call $ask)
            (loop)
            (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get 0)))
            (i32.load (i32.const 0))))
        """;

    private const string Program = """
        (module $program
          (import "library" "memory" (memory 1))
          (import "library" "table" (table 4 funcref))
          (import "library" "calls" (global $calls (mut i32)))
          (import "library" "step" (func $step (param i32) (result i32)))
          (import "library" "step" (func $again (param i32) (result i32)))
          (type $u (func (param i32) (result i32)))
          (elem (i32.const 1) $twice $step)
          (global $own (export "own") (mut funcref) (ref.null func))
          (func $twice (param i32) (result i32)
            (global.set $own (table.get 0 (i32.const 2)))
            (return_call_indirect (type $u) (i32.mul (local.get 0) (i32.const 2)) (i32.const 2)))
          (func (export "run") (param i32) (result i32) (local i32)
            (loop $l
              (local.set 1 (i32.add (call_indirect (type $u) (local.get 0) (i32.const 1)) (call $again (i32.const 1))))
              (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (i32.add (i32.mul (global.get $calls) (i32.const 1000)) (local.get 1))))
        """;

    private bool asks;

    private (Instance Library, Instance Program) LinkBoth(Store store, Module library, Module program)
    {
        using var linker = new Linker(store.Engine);
        linker.Define("h", "ask", () => { if (asks) store.Suspend(); });
        Instance first = linker.Instantiate(store, library);
        linker.DefineInstance("library", first);
        return (first, linker.Instantiate(store, program));
    }

    [Theory, InlineData(Tier.Portable), InlineData(Tier.Threaded), InlineData(Tier.Baseline)]
    public void Instances_that_call_each_other_go_on_together(Tier tier)
    {
        var engines = Tiers.ToDictionary(tier => tier, NewEngineFor);
        Store store = NewStore(engines[tier].Engine);
        (Instance library, Instance program) = LinkBoth(store, engines[tier].Library, engines[tier].Program);
        object? expected = program.GetFunction("run")!.Invoke(5);
        store = NewStore(engines[tier].Engine);
        (library, program) = LinkBoth(store, engines[tier].Library, engines[tier].Program);
        asks = true;
        Func<object?> next = () => program.GetFunction("run")!.Invoke(5);
        for (int stops = 0; ; stops++)
        {
            try
            {
                Assert.Equal(expected, next());
                Assert.Equal(10, stops);
                break;
            }
            catch (GuestSuspendedException suspended)
            {
                StateImage image = suspended.Image;
                Assert.Equal(2, image.Modules.Count);
                var place = engines[Tiers[stops % Tiers.Length]];
                Store other = NewStore(place.Engine);
                (Instance itsLibrary, Instance itsProgram) = LinkBoth(other, place.Library, place.Program);
                // The innermost frame's comes first. The other way round they are the wrong modules.
                Assert.Throws<StateImageException>(() => other.Resume(image, itsProgram, itsLibrary));
                next = stops % 2 == 0 ? () => other.Resume(image) : () => other.Resume(image, itsLibrary, itsProgram);
            }
        }
    }

    private (Engine Engine, Module Library, Module Program) NewEngineFor(Tier tier)
    {
        Engine engine = NewEngine(tier);
        return (engine, Compile(engine, Library), Compile(engine, Program));
    }

    [Fact]
    public void Instances_that_are_linked_otherwise_are_refused()
    {
        (Engine engine, Module library, Module program) = NewEngineFor(Tier.Threaded);
        Store store = NewStore(engine);
        (_, Instance instance) = LinkBoth(store, library, program);
        asks = true;
        StateImage image = Suspended(() => instance.GetFunction("run")!.Invoke(5)).Image;
        Store other = NewStore(engine);
        (Instance first, _) = LinkBoth(other, library, program);
        (_, Instance last) = LinkBoth(other, library, program);
        Assert.Contains("isn't linked as in the image", Assert.Throws<StateImageException>(() => other.Resume(image, first, last)).Message);
    }

    // A host function that is no import of the guest's can't be found in another store; in its own it can.
    [Fact]
    public void A_host_function_that_is_no_import_stays_in_its_store()
    {
        Engine engine = NewEngine(Tier.Baseline);
        Module module = Compile(engine, """
            (module (import "h" "ask" (func $ask)) (type $v (func (result i32)))
              (func (export "run") (param funcref) (result i32) (call $ask) (loop) (table.set 0 (i32.const 0) (local.get 0)) (call_indirect (type $v) (i32.const 0)))
              (table 1 funcref))
            """);
        Store store = NewStore(engine);
        Instance In(Store store)
        {
            using var linker = new Linker(engine);
            linker.Define("h", "ask", () => { store.Suspend(); });
            return linker.Instantiate(store, module);
        }

        StateImage image = Suspended(() => In(store).GetFunction("run")!.Invoke(Function.FromDelegate(store, () => 42))).Image;
        Assert.Equal(42, store.Resume(image));
        Store other = NewStore(engine);
        In(other);
        Assert.Contains("no instance imports", Assert.Throws<StateImageException>(() => other.Resume(image)).Message);
    }

    [Theory, InlineData(Tier.Portable), InlineData(Tier.Threaded), InlineData(Tier.Baseline)]
    public void Segments_are_dropped_or_not_as_they_were(Tier tier)
    {
        const string text = """
            (module (import "h" "ask" (func $ask)) (import "h" "thing" (global $thing externref))
              (memory 1) (table $x 4 externref) (table $f 4 funcref)
              (data $d "data") (elem $e func $run) (elem $o externref (global.get $thing))
              (func $drop (data.drop $d) (elem.drop $e) (elem.drop $o))
              (func $use (memory.init $d (i32.const 0) (i32.const 0) (i32.const 4)) (table.init $f $e (i32.const 0) (i32.const 0) (i32.const 1)) (table.init $x $o (i32.const 1) (i32.const 0) (i32.const 1)))
              (func $run (export "run") (param i32) (result i32 externref)
                (if (local.get 0) (then (call $drop)))
                (call $ask) (loop)
                (call $use) (call $drop)
                (i32.load (i32.const 0)) (table.get $x (i32.const 1))))
            """;
        object thing = new();
        Engine engine = NewEngine(tier);
        Module module = Compile(engine, text);
        Instance In(Store store)
        {
            using var linker = new Linker(engine);
            linker.Define("h", "ask", () => { store.Suspend(); });
            linker.Define("h", "thing", new Global(store, new GlobalType(ValueType.ExternRef, IsMutable: false), thing));
            return linker.Instantiate(store, module);
        }

        Store store = NewStore(engine);
        Instance instance = In(store);
        StateImage whole = Suspended(() => instance.GetFunction("run")!.Invoke(0)).Image;
        for (int i = 0; i < 2; i++) Assert.Equal([0x61746164, thing], (object?[])store.Resume(whole)!);
        StateImage dropped = Suspended(() => instance.GetFunction("run")!.Invoke(1)).Image;
        Store other = NewStore(engine);
        In(other);
        foreach (Tier next in Tiers) Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => other.Resume(dropped, next)).Kind);
        Assert.Equal([0x61746164, thing], (object?[])other.Resume(whole)!);
    }

    // Writes half of a file, stops, writes the other half; reads on in another file; standard input that was read ahead.
    private const string Files = """
        (module
          (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
          (import "h" "ask" (func $ask))
          (memory (export "memory") 1)
          (data (i32.const 100) "out.txt") (data (i32.const 110) "in.txt") (data (i32.const 120) "first second")
          (func $opened (param $path i32) (param $length i32) (param $flags i32) (param $rights i64) (result i32)
            (if (call $open (i32.const 3) (i32.const 0) (local.get $path) (local.get $length) (local.get $flags) (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 0)) (then unreachable))
            (i32.load (i32.const 0)))
          (func $vector (param i32 i32) (i32.store (i32.const 8) (local.get 0)) (i32.store (i32.const 12) (local.get 1)))
          (func $put (param $fd i32) (param i32 i32)
            (call $vector (local.get 1) (local.get 2))
            (if (call $write (local.get $fd) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable)))
          (func $get (param $fd i32) (param i32 i32)
            (call $vector (local.get 1) (local.get 2))
            (if (call $read (local.get $fd) (i32.const 8) (i32.const 1) (i32.const 16)) (then unreachable)))
          (func (export "run") (local $out i32) (local $in i32) (local $spare i32)
            (local.set $spare (call $opened (i32.const 110) (i32.const 6) (i32.const 0) (i64.const 2)))
            (local.set $out (call $opened (i32.const 100) (i32.const 7) (i32.const 9) (i64.const 0x44)))
            (local.set $in (call $opened (i32.const 110) (i32.const 6) (i32.const 0) (i64.const 2)))
            (drop (call $close (local.get $spare)))
            (call $put (local.get $out) (i32.const 120) (i32.const 6))
            (call $get (local.get $in) (i32.const 200) (i32.const 3))
            (call $get (i32.const 0) (i32.const 206) (i32.const 3))
            (call $ask) (loop)
            (call $put (local.get $out) (i32.const 126) (i32.const 6))
            (call $get (local.get $in) (i32.const 203) (i32.const 3))
            (call $get (i32.const 0) (i32.const 209) (i32.const 3))
            (if (i32.ne (call $opened (i32.const 110) (i32.const 6) (i32.const 0) (i64.const 2)) (local.get $spare)) (then unreachable))
            (call $put (i32.const 1) (i32.const 200) (i32.const 12))))
        """;

    [Theory, InlineData(Tier.Portable), InlineData(Tier.Threaded), InlineData(Tier.Baseline)]
    public void Open_files_go_on_where_they_were(Tier tier)
    {
        using var folder = new TemporaryDirectory();
        string outPath = Path.Combine(folder.Inside, "out.txt");
        File.WriteAllText(Path.Combine(folder.Inside, "in.txt"), "abcdefgh");
        using var output = new MemoryStream();
        Engine engine = NewEngine(tier);
        Module module = Compile(engine, Files);
        Instance In(Store store, string guestPath = "/", bool readOnly = false, string input = "")
        {
            using var linker = new Linker(engine);
            linker.Define("h", "ask", () => { store.Suspend(); });
            linker.DefineWasi(new WasiOptions
            {
                Directories = [new WasiDirectory(folder.Inside, guestPath, readOnly)],
                StandardInput = new MemoryStream(System.Text.Encoding.ASCII.GetBytes(input)),
                StandardOutput = output,
            });
            return linker.Instantiate(store, module);
        }

        Store store = NewStore(engine);
        StateImage image = Suspended(() => In(store, input: "123456").GetFunction("run")!.Invoke()).Image;
        Assert.Contains("out.txt at 6", image.ToString());
        Assert.Contains("in.txt at 3", image.ToString());
        Assert.Equal("first ", File.ReadAllText(outPath));
        for (int i = 0; i < 2; i++)
        {
            store.Resume(image);
            Assert.Equal(("first second", "abcdef123456"), (File.ReadAllText(outPath), System.Text.Encoding.ASCII.GetString(output.ToArray())));
            output.SetLength(0);
            File.WriteAllText(outPath, "first ");
        }

        Store other = NewStore(engine);
        In(other);
        other.Resume(image);
        Assert.Equal(("first second", "abcdef123456"), (File.ReadAllText(outPath), System.Text.Encoding.ASCII.GetString(output.ToArray())));

        void Refused(Action<Store> link, string why)
        {
            Store there = NewStore(engine);
            link(there);
            Assert.Contains(why, Assert.Throws<StateImageException>(() => there.Resume(image)).Message);
        }

        Refused(there => In(there, guestPath: "/elsewhere"), "no preopened directory \"/\"");
        Refused(there => In(there, readOnly: true), "read-only");
        File.Delete(outPath);
        Refused(there => In(there), "\"out.txt\" can't be opened");
        // Also when it's taken while the file is deleted: then it stays where it is.
        Store last = NewStore(engine);
        Instance deleting = null!;
        using (var linker = new Linker(engine))
        {
            linker.Define("h", "ask", () =>
            {
                File.Delete(outPath);
                last.Suspend();
            });
            linker.DefineWasi(new WasiOptions { Directories = [new WasiDirectory(folder.Inside, "/")], StandardInput = new MemoryStream(new byte[6]), StandardOutput = Stream.Null });
            deleting = linker.Instantiate(last, module);
        }

        image = Suspended(() => deleting.GetFunction("run")!.Invoke()).Image;
        Assert.Contains("has been deleted", image.ToString());
        Refused(there => In(there), "has been deleted");
        last.Resume(image);
        Assert.False(File.Exists(outPath));
    }
}
