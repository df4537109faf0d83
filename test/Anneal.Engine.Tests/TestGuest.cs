// One instance of a TestCodeUnit with all that it refers to, and an execution to run it in.

using System.Globalization;
using System.Runtime.InteropServices;
using Anneal.Bytecode;
using Anneal.Runtime;

namespace Anneal.Tests;

internal sealed unsafe class TestGuest : IDisposable
{
    private readonly List<IDisposable> owned = [];

    public TestGuest(CodeUnit code, Engine? engine = null)
    {
        Engine = engine ?? Own(new Engine(new EngineOptions { Tier = Tier.Portable }));
        Execution = Engine.Lease();
        Instance = Own(new GuestInstance(code));
        InstanceCounts counts = code.Layout.Counts;
        for (int i = counts.ImportedFunctions; i < counts.Functions; i++)
        {
            FunctionReference* reference = Instance.OwnReferences + (i - counts.ImportedFunctions);
            reference->Instance = Instance.State;
            reference->Function = i;
            reference->Type = 1;
            reference->Entry = Engine.EntryOf(code, i);
            Instance.Functions[i] = reference;
        }
    }

    public Engine Engine { get; }

    public Execution Execution { get; }

    public GuestInstance Instance { get; }

    public T Own<T>(T resource)
        where T : IDisposable
    {
        owned.Add(resource);
        return resource;
    }

    /// <summary>Adds memory <paramref name="index"/> of the instance.</summary>
    public LinearMemory Memory(int index, ulong length, ulong maximum, AddressingMode mode = AddressingMode.Checked)
    {
        LinearMemory memory = Own(new LinearMemory(length, maximum, mode));
        Instance.Memories[index] = memory.State;
        if (index == 0) Instance.State->MemoryBase = memory.Base;
        return memory;
    }

    public ReferenceTable Table(int index, ulong length, ulong maximum, ulong fill = 0)
    {
        ReferenceTable table = Own(new ReferenceTable(length, maximum, fill));
        Instance.Tables[index] = table.State;
        return table;
    }

    /// <summary>The reference of an own function by a name like f3, as an element; null is 0.</summary>
    public ulong Reference(string name) => name == "null" ? 0 : (ulong)Instance.Functions[int.Parse(name[1..], CultureInfo.InvariantCulture)];

    public void Data(int index, params byte[] bytes)
    {
        var memory = Own(new NativeBlock(bytes.Length));
        bytes.CopyTo(new Span<byte>(memory.Start, bytes.Length));
        Instance.DataSegments[index] = new SegmentState { Start = memory.Start, Length = (ulong)bytes.Length };
    }

    public void Elements(int index, params ulong[] elements)
    {
        var memory = Own(new NativeBlock(elements.Length * sizeof(ulong)));
        elements.CopyTo(new Span<ulong>(memory.Start, elements.Length));
        Instance.ElementSegments[index] = new SegmentState { Start = memory.Start, Length = (ulong)elements.Length };
    }

    /// <summary>Makes a host function import <paramref name="index"/>.</summary>
    public HostFunction Import(int index, HostFunction host)
    {
        Own(host);
        Instance.Functions[index] = host.Reference;
        return host;
    }

    /// <summary>Runs an own function; the first <paramref name="results"/> slots of the window afterwards.</summary>
    public ulong[] Run(int function, int results, params ulong[] arguments)
    {
        ulong* window = Execution.State->NestedWindow;
        arguments.AsSpan().CopyTo(new Span<ulong>(window, arguments.Length));
        Engine.Invoke(Execution, Instance.Functions[function], window);
        GC.KeepAlive(this);
        return new Span<ulong>(window, results).ToArray();
    }

    public void Dispose()
    {
        Engine.Return(Execution);
        for (int i = owned.Count - 1; i >= 0; i--) owned[i].Dispose();
    }
}

internal sealed unsafe class NativeBlock(int bytes) : IDisposable
{
    public void* Start { get; } = NativeMemory.AllocZeroed((nuint)Math.Max(bytes, 1));

    public void Dispose() => NativeMemory.Free(Start);
}

/// <summary>A host function made of a delegate.</summary>
internal sealed unsafe class TestHostFunction(int parameterSlots, int resultSlots, TestHostFunction.Body body) : HostFunction(1, parameterSlots, resultSlots)
{
    internal delegate void Body(Execution execution, InstanceState* caller, ulong* slots);

    public override void Invoke(Execution execution, InstanceState* caller, ulong* slots) => body(execution, caller, slots);
}
