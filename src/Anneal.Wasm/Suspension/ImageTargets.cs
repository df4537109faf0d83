// Which instances of a store stand for those of an image. Either the caller says so, or there's but one choice: the instances that
// the image was taken from, if they are this store's, or the only ones of the same modules. That they are linked as those of the
// image were is checked: what instances shared they must share, and nothing else, and an imported function must be the same one.

using Anneal.Runtime;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Runtime;
using Anneal.Wasm.Wasi;

namespace Anneal.Wasm.Suspension;

/// <summary>The instances, memories, tables, globals and WASI states that an image is put into.</summary>
internal sealed unsafe class ImageTargets
{
    private readonly Store store;
    private readonly StateImage image;
    private readonly HashSet<nint> taken = [];

    /// <exception cref="StateImageException">The instances aren't what the image needs.</exception>
    /// <exception cref="ArgumentException">An instance belongs to another store.</exception>
    public ImageTargets(Store store, StateImage image, Instance[] given)
    {
        this.store = store;
        this.image = image;
        Instances = given.Length == 0 ? Find() : given;
        if (Instances.Length != image.Instances.Length)
            throw new StateImageException($"the image has {image.Instances.Length} instances, and {Instances.Length} are given to resume it in");
        Memories = new nint[image.Memories.Length];
        Tables = new nint[image.Tables.Length];
        Globals = new nint[image.Globals.Length];
        GlobalTypes = new GlobalType[image.Globals.Length];
        ElementTypes = new ValueType[image.Tables.Length];
        Wasi = new WasiPreview1?[image.Wasi.Length];
        for (int i = 0; i < Instances.Length; i++) Check(i);
        for (int i = 0; i < Instances.Length; i++) Match(i);
        RequireAll(Memories, "memory");
        RequireAll(Tables, "table");
        RequireAll(Globals, "global");
    }

    public Instance[] Instances { get; }

    /// <summary>Addresses of <see cref="MemoryState"/>s.</summary>
    public nint[] Memories { get; }

    /// <summary>Addresses of <see cref="TableState"/>s.</summary>
    public nint[] Tables { get; }

    /// <summary>Addresses of globals' cells.</summary>
    public nint[] Globals { get; }

    public GlobalType[] GlobalTypes { get; }

    public ValueType[] ElementTypes { get; }

    public WasiPreview1?[] Wasi { get; }

    private Instance[] Find()
    {
        var found = new Instance[image.Instances.Length];
        List<Instance> there = [.. store.Resources.Instances];
        for (int i = 0; i < found.Length; i++)
        {
            InstanceImage wanted = image.Instances[i];
            if (wanted.Origin.TryGetTarget(out Instance? origin) && origin.Store == store)
            {
                found[i] = origin;
                continue;
            }

            foreach (Instance candidate in there)
            {
                if (!candidate.Module.Hash.AsSpan().SequenceEqual(wanted.ModuleHash)) continue;
                if (found[i] is not null) throw new StateImageException($"the store has several instances of {Describe(i)}: say which is to be resumed");
                found[i] = candidate;
            }

            if (found[i] is null) throw new StateImageException($"the store has no instance of {Describe(i)}");
        }

        return found;
    }

    private string Describe(int instance) =>
        $"instance {instance}'s module {image.Instances[instance].ModuleName} (SHA-256 {Convert.ToHexStringLower(image.Instances[instance].ModuleHash)})";

    private void Check(int i)
    {
        Instance instance = Instances[i];
        InstanceImage wanted = image.Instances[i];
        ArgumentNullException.ThrowIfNull(instance);
        if (instance.Store != store) throw new ArgumentException("An instance that is given belongs to another store.");
        if (!instance.Module.Hash.AsSpan().SequenceEqual(wanted.ModuleHash))
            throw new StateImageException($"instance {i} is one of another module: {instance.Module.Name} (SHA-256 {Convert.ToHexStringLower(instance.Module.Hash)}) in place of {Describe(i)}");
        if (Array.IndexOf(Instances, instance) != i) throw new StateImageException($"one instance is given twice, as instance {i} too");
        ModuleDefinition module = instance.Module.Definition;
        RequireCount(i, "memories", wanted.Memories.Length, module.Memories.Length);
        RequireCount(i, "tables", wanted.Tables.Length, module.Tables.Length);
        RequireCount(i, "globals", wanted.Globals.Length, module.Globals.Length);
        RequireCount(i, "imported functions", wanted.Imports.Length, module.ImportedFunctionCount);
        RequireCount(i, "data segments", wanted.DroppedData.Length, module.Datas.Length);
        RequireCount(i, "element segments", wanted.DroppedElements.Length, module.Elements.Length);
        RequireCount(i, "element segments", wanted.Objects.Length, module.Elements.Length);
    }

    private static void RequireCount(int instance, string what, int found, int needed)
    {
        if (found != needed) throw new StateImageException($"instance {instance} has {found} {what} in the image, and its module {needed}");
    }

    private void Match(int i)
    {
        InstanceImage wanted = image.Instances[i];
        ModuleDefinition module = Instances[i].Module.Definition;
        GuestInstance guest = Instances[i].State;
        for (int n = 0; n < wanted.Memories.Length; n++) Bind(Memories, wanted.Memories[n], (nint)guest.Memories[n], "memory", i, n);
        for (int n = 0; n < wanted.Tables.Length; n++)
        {
            Bind(Tables, wanted.Tables[n], (nint)guest.Tables[n], "table", i, n);
            ElementTypes[wanted.Tables[n]] = module.Tables[n].Type.Element;
        }

        for (int n = 0; n < wanted.Globals.Length; n++)
        {
            Bind(Globals, wanted.Globals[n], (nint)guest.Globals[n], "global", i, n);
            // Who defines an immutable global may know it by a narrower type than who imports it.
            if (n >= module.ImportedGlobalCount || GlobalTypes[wanted.Globals[n]] == default) GlobalTypes[wanted.Globals[n]] = module.Globals[n].Type;
        }

        for (int n = 0; n < wanted.Imports.Length; n++) MatchImport(i, n, guest.Functions[n], wanted.Imports[n]);
    }

    // What the image has at two places must be one thing, and what it has apart must be two.
    private void Bind(nint[] bound, int number, nint state, string what, int instance, int index)
    {
        if ((uint)number >= (uint)bound.Length) throw new StateImageException($"{what} {index} of instance {instance} is number {number} of {bound.Length} in the image");
        if (bound[number] == 0 && taken.Add(state)) bound[number] = state;
        if (bound[number] != state)
            throw new StateImageException($"{what} {index} of instance {instance} isn't linked as in the image: it's shared by other instances than there");
    }

    private static void RequireAll(nint[] bound, string what)
    {
        int missing = Array.IndexOf(bound, 0);
        if (missing >= 0) throw new StateImageException($"{what} {missing} of the image belongs to no instance");
    }

    private void MatchImport(int instance, int index, FunctionReference* found, FunctionImport wanted)
    {
        bool fits;
        if (wanted.Instance < 0)
        {
            fits = found->Function < 0;
        }
        else
        {
            if (wanted.Instance >= Instances.Length) throw new StateImageException($"imported function {index} of instance {instance} is of instance {wanted.Instance}, of {Instances.Length}");
            fits = found->Instance == Instances[wanted.Instance].State.State && found->Function == wanted.Function;
        }

        if (fits && wanted.Wasi >= 0) fits = MatchWasi(found, wanted.Wasi);
        if (fits) return;
        ModuleImport import = Instances[instance].Module.Import(Array.FindIndex(Instances[instance].Module.Definition.Imports, import => import.Kind == ExternalKind.Function && import.Index == index));
        throw new StateImageException($"instance {instance}'s import {import.Module}.{import.Name} isn't linked as in the image");
    }

    private bool MatchWasi(FunctionReference* found, int number)
    {
        if (number >= Wasi.Length) throw new StateImageException($"WASI state {number} of {Wasi.Length}");
        if (HostFunction.Of(found->Instance) is not WasiHostFunction { Wasi: var state }) return false;
        if (Wasi[number] is null && Array.IndexOf(Wasi, state) < 0) Wasi[number] = state;
        return Wasi[number] == state;
    }
}
