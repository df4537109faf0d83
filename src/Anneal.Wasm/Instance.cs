using System.Diagnostics.CodeAnalysis;
using Anneal.Runtime;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Runtime;

namespace Anneal.Wasm;

/// <summary>An instance of a module in a store: its exports. Lives until the store is disposed.</summary>
public sealed unsafe class Instance
{
    private readonly GuestInstance guest;
    private readonly Memory[] memories;
    private readonly Table[] tables;
    private readonly Global?[] globals;
    private readonly Tag[] tags;
    private Memory? defaultMemory;
    private bool hasSoughtMemory;
    private bool failed;

    internal Instance(Store store, Module module, GuestInstance guest, Memory[] memories, Table[] tables, Global?[] globals, Tag[] tags)
    {
        Store = store;
        Module = module;
        this.guest = guest;
        this.memories = memories;
        this.tables = tables;
        this.globals = globals;
        this.tags = tags;
    }

    /// <summary>The store that the instance lives in.</summary>
    public Store Store { get; }

    /// <summary>The module that it's an instance of.</summary>
    public Module Module { get; }

    /// <summary>All exports by name, in order of declaration.</summary>
    public IEnumerable<KeyValuePair<string, External>> Exports
    {
        get
        {
            foreach (ModuleExport export in Module.Exports) yield return new(export.Name, GetExport(export.Name)!);
        }
    }

    /// <summary>Its state.</summary>
    internal GuestInstance State => guest;

    /// <summary>The code that it runs.</summary>
    internal CodeUnit Code => guest.Code;

    /// <summary>The memory exported as "memory", which is where system interfaces look; null if there's none.</summary>
    internal Memory? DefaultMemory
    {
        get
        {
            if (hasSoughtMemory) return defaultMemory;
            defaultMemory = GetMemory("memory");
            hasSoughtMemory = true;
            return defaultMemory;
        }
    }

    /// <summary>Makes an instance with the imports given in order of declaration; a <see cref="Linker"/> finds them by name.</summary>
    /// <param name="store">The store to live in.</param>
    /// <param name="module">The module.</param>
    /// <param name="imports">As many as <see cref="Wasm.Module.Imports"/> has.</param>
    /// <exception cref="ArgumentException">The number of imports differs, or one belongs to another store or engine.</exception>
    /// <exception cref="LinkException">An import has another type than the module demands.</exception>
    /// <exception cref="TrapException">A segment is out of bounds, or the start function trapped.</exception>
    /// <exception cref="StoreLimitException">A limit of the store would be exceeded.</exception>
    public static Instance Create(Store store, Module module, params ReadOnlySpan<External> imports)
    {
        Linking.CheckTogether(store, module);
        if (imports.Length != module.Imports.Count)
            throw new ArgumentException($"The module has {module.Imports.Count} imports, not {imports.Length}.", nameof(imports));
        for (int i = 0; i < imports.Length; i++) Linking.CheckImport(store, module.Imports[i], imports[i]);
        return Instantiation.Run(store, module, imports.ToArray());
    }

    /// <summary>An export by name; null if there's none.</summary>
    public External? GetExport(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(Store.IsDisposed, Store);
        ObjectDisposedException.ThrowIf(failed, this);
        if (!Module.TryFindExport(name, out int found)) return null;
        ExportDefinition export = Module.Definition.Exports[found];
        return export.Kind switch
        {
            ExternalKind.Function => Store.FunctionAt((ulong)guest.Functions[export.Index]),
            ExternalKind.Memory => memories[export.Index],
            ExternalKind.Table => tables[export.Index],
            ExternalKind.Global => globals[export.Index] ??= new Global(Store, guest.Globals[export.Index], Module.Definition.Globals[export.Index].Type),
            _ => tags[export.Index],
        };
    }

    /// <summary>An exported function; null if there's none of this name.</summary>
    public Function? GetFunction(string name) => GetExport(name) as Function;

    /// <summary>An exported memory; null if there's none of this name.</summary>
    public Memory? GetMemory(string name) => GetExport(name) as Memory;

    /// <summary>An exported table; null if there's none of this name.</summary>
    public Table? GetTable(string name) => GetExport(name) as Table;

    /// <summary>An exported global; null if there's none of this name.</summary>
    public Global? GetGlobal(string name) => GetExport(name) as Global;

    /// <summary>An exported tag; null if there's none of this name.</summary>
    public Tag? GetTag(string name) => GetExport(name) as Tag;

    /// <summary>A delegate that calls an exported function without boxing or allocating.</summary>
    /// <typeparam name="TDelegate">For example <c>Func&lt;int, int&gt;</c>; see <see cref="Function.Wrap"/>.</typeparam>
    /// <param name="name">The export's name.</param>
    /// <exception cref="MissingMemberException">No function is exported by this name.</exception>
    /// <exception cref="ArgumentException">The function has another signature.</exception>
    public TDelegate GetFunction<TDelegate>(string name)
        where TDelegate : Delegate
    {
        Function function = GetFunction(name) ?? throw new MissingMemberException($"{Module.Name ?? "the module"} exports no function \"{name}\"");
        return function.Wrap<TDelegate>();
    }

    /// <summary>A delegate that calls an exported function, if there is one of this name and signature.</summary>
    /// <typeparam name="TDelegate">See <see cref="Function.Wrap"/>.</typeparam>
    public bool TryGetFunction<TDelegate>(string name, [NotNullWhen(true)] out TDelegate? function)
        where TDelegate : Delegate
    {
        Function? found = GetFunction(name);
        bool fits = found is not null && Signature.Of(typeof(TDelegate)).Fits(found.Type);
        function = fits ? found!.Wrap<TDelegate>() : null;
        return fits;
    }

    /// <summary>The instance couldn't be made and its native part is freed; a start function may have leaked it to the host.</summary>
    internal void MarkFailed() => failed = true;
}
