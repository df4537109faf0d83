using Xunit;

namespace Anneal.Wasm.Tests.Api;

public sealed class LinkingTests : ApiTest
{
    private readonly Engine engine;
    private readonly Linker linker;
    private readonly Store store;

    public LinkingTests()
    {
        engine = NewEngine(Tier.Portable);
        linker = NewLinker(engine);
        store = NewStore(engine);
    }

    [Fact]
    public void A_missing_import_is_named()
    {
        var exception = Assert.Throws<LinkException>(() => Link("""(module (import "env" "f" (func (param i32))))"""));
        Assert.Contains("env.f", exception.Message, StringComparison.Ordinal);
        Assert.Equal(("env", "f"), (exception.ImportModule, exception.ImportName));
        Assert.Null(exception.Found);
    }

    [Theory]
    [InlineData("(func (param i64))")]
    [InlineData("(func (param i32) (result i32))")]
    [InlineData("(memory 1)")]
    [InlineData("(table 1 funcref)")]
    [InlineData("(global i32)")]
    public void A_function_is_no_import_of_another_type(string import)
    {
        linker.Define("m", "x", (int value) => { });
        var exception = Assert.Throws<LinkException>(() => Link($"""(module (import "m" "x" {import}))"""));
        Assert.Equal(ExternalKind.Function, exception.Found!.Value.Kind);
    }

    [Theory]
    [InlineData("(memory 2)", true)]
    [InlineData("(memory 1 3)", true)]
    [InlineData("(memory 1 9)", true)]
    [InlineData("(memory 3)", false)]
    [InlineData("(memory 1 2)", false)]
    public void Memory_limits_are_matched(string import, bool fits) =>
        Matches(new Memory(store, new MemoryType(new Limits(2, 3))), import, fits);

    [Theory]
    [InlineData("(table 2 funcref)", true)]
    [InlineData("(table 2 4 funcref)", true)]
    [InlineData("(table 3 funcref)", false)]
    [InlineData("(table 2 3 funcref)", false)]
    [InlineData("(table 2 externref)", false)]
    public void Table_limits_are_matched(string import, bool fits) =>
        Matches(new Table(store, new TableType(ValueType.FuncRef, new Limits(2, 4))), import, fits);

    [Theory]
    [InlineData("(global i32)", true)]
    [InlineData("(global (mut i32))", false)]
    [InlineData("(global i64)", false)]
    public void Global_types_are_matched(string import, bool fits) =>
        Matches(new Global(store, new GlobalType(ValueType.I32, false), 1), import, fits);

    [Fact]
    public void A_grown_memory_matches_by_its_present_size()
    {
        var memory = new Memory(store, new MemoryType(new Limits(1, 5)));
        linker.Define("m", "x", memory);
        Assert.Throws<LinkException>(() => Link("""(module (import "m" "x" (memory 2)))"""));
        Assert.Equal(1, memory.Grow(1));
        Link("""(module (import "m" "x" (memory 2)))""");
    }

    [Fact]
    public void Defining_twice_needs_shadowing()
    {
        linker.Define("m", "f", () => 1);
        Assert.Throws<InvalidOperationException>(() => linker.Define("m", "f", () => 2));
        linker.AllowShadowing = true;
        linker.Define("m", "f", () => 3);
        Instance instance = Link("""(module (import "m" "f" (func $f (result i32))) (export "f" (func $f)))""");
        Assert.Equal(3, instance.GetFunction<Func<int>>("f")());
    }

    [Fact]
    public void An_instances_exports_are_definitions()
    {
        Instance library = Link("""
            (module (memory (export "memory") 1) (global (export "count") (mut i32) (i32.const 5))
              (func (export "bump") (global.set 0 (i32.add (global.get 0) (i32.const 1)))))
            """);
        linker.DefineInstance("library", library);
        Instance user = Link("""
            (module (import "library" "memory" (memory 1)) (import "library" "count" (global (mut i32))) (import "library" "bump" (func $bump))
              (export "again" (memory 0))
              (func (export "run") (result i32) (call $bump) (i32.store (i32.const 8) (global.get 0)) (global.get 0)))
            """);
        Assert.Equal(6, user.GetFunction<Func<int>>("run")());
        Assert.Equal(6, library.GetGlobal("count")!.Value);
        Assert.Equal(6, library.GetMemory("memory")!.ReadInt32(8));
        Assert.Same(library.GetMemory("memory"), user.GetMemory("again"));
    }

    [Fact]
    public void A_module_is_initialized_when_it_is_defined()
    {
        linker.DefineModule(store, "library", Compile(engine, """
            (module (global (export "state") (mut i32) (i32.const 0)) (func (export "_initialize") (global.set 0 (i32.const 9))))
            """));
        Instance user = Link("""(module (import "library" "state" (global $g (mut i32))) (func (export "get") (result i32) (global.get $g)))""");
        Assert.Equal(9, user.GetFunction<Func<int>>("get")());
    }

    [Fact]
    public void Unknown_functions_can_be_traps()
    {
        Module module = Compile(engine, """(module (import "env" "gone" (func $f (param i32) (result i64))) (func (export "run") (drop (call $f (i32.const 1)))))""");
        linker.DefineUnknownImportsAsTraps(module);
        Instance instance = linker.Instantiate(store, module);
        var trap = Assert.Throws<TrapException>(instance.GetFunction<Action>("run"));
        Assert.Contains("env.gone", trap.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Things_of_another_store_are_refused()
    {
        Store other = NewStore(engine);
        linker.Define("m", "g", new Global(other, new GlobalType(ValueType.I32, false), 1));
        Assert.Throws<ArgumentException>(() => Link("""(module (import "m" "g" (global i32)))"""));
        var table = new Table(store, new TableType(ValueType.FuncRef, new Limits(1, null)));
        Assert.Throws<ArgumentException>(() => table[0] = Function.FromDelegate(other, () => { }));
    }

    [Fact]
    public void Imports_can_be_given_in_order()
    {
        Module module = Compile(engine, """(module (import "a" "f" (func $f (result i32))) (import "a" "g" (global i32)) (func (export "run") (result i32) (i32.add (call $f) (global.get 0))))""");
        Instance instance = Instance.Create(store, module, Function.FromDelegate(store, () => 2), new Global(store, new GlobalType(ValueType.I32, false), 3));
        Assert.Equal(5, instance.GetFunction<Func<int>>("run")());
        Assert.Throws<ArgumentException>(() => Instance.Create(store, module));
    }

    [Fact]
    public void Modules_list_imports_exports_and_sections()
    {
        Module module = Compile(engine, """
            (module $named (import "a" "f" (func (param i32))) (import "a" "m" (memory 1 2))
              (table (export "t") 3 externref) (global (export "g") (mut f64) (f64.const 0)) (func $inner (export "f") (result i64) (i64.const 0)))
            """);
        Assert.Equal("named", module.Name);
        Assert.Equal(["a.f func [i32] -> []", "a.m memory 1..2"], module.Imports.Select(import => $"{import.Module}.{import.Name} {import.Type}"));
        Assert.Equal(["t table 3.. externref", "g global mut f64", "f func [] -> [i64]"], module.Exports.Select(export => $"{export.Name} {export.Type}"));
        Assert.Contains(module.CustomSections, section => section.Name == "name");
    }

    private Instance Link(string text) => linker.Instantiate(store, Compile(engine, text));

    private void Matches(External item, string import, bool fits)
    {
        linker.Define("m", "x", item);
        string text = $"""(module (import "m" "x" {import}))""";
        if (fits) Link(text);
        else Assert.Throws<LinkException>(() => Link(text));
    }
}
