// The smallest embedding: call a guest, be called by it, share its memory, survive its traps. No files needed:
// dotnet run --project samples/HelloEmbed

using Anneal;
using Anneal.Wasm;

using var engine = new Engine();
using Module module = Module.FromText(engine, """
    (module
      (import "host" "print" (func $print (param i32 i32)))
      (memory (export "memory") 1)
      (data (i32.const 16) "Hello from WebAssembly")
      (func (export "greet") (call $print (i32.const 16) (i32.const 22)))
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))
    """);

// A store holds everything that guests own at run time; a linker gives them what they import.
using var store = new Store(engine);
using var linker = new Linker(engine);
linker.Define("host", "print", (Caller caller, int text, int length) =>
    Console.WriteLine(caller.GetMemory("memory")!.ReadString(text, length)));
Instance instance = linker.Instantiate(store, module);

// Exports are delegates of the signature that you ask for. Calls neither box nor allocate.
instance.GetFunction<Action>("greet")();
Console.WriteLine(instance.GetFunction<Func<int, int, int>>("add")(40, 2));

// The guest's memory is a span.
instance.GetMemory("memory")!.AsSpan(16, 5).Fill((byte)'*');
instance.GetFunction<Action>("greet")();

// What a processor would refuse is an exception here, and the instance can be used further.
var divide = instance.GetFunction<Func<int, int, int>>("divide");
try
{
    divide(1, 0);
}
catch (TrapException trap)
{
    Console.WriteLine($"{trap.Kind}: {trap.Message}");
}

Console.WriteLine(divide(84, 2));
