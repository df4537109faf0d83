// Definitions by name, from which modules' imports are taken. Delegates and WASI belong to no store: they become functions
// of a store when a module is first instantiated there; what belongs to a store can only be used in it.

using Anneal.Wasm.Runtime;
using Anneal.Wasm.Wasi;

namespace Anneal.Wasm;

/// <summary>
/// Names things for modules to import, and instantiates modules with them. One linker can serve many stores, on many
/// threads at once.
/// </summary>
public sealed class Linker : IDisposable
{
    private readonly Lock gate = new();

    // Values: External, or HostDefinition.
    private readonly Dictionary<(string Module, string Name), object> definitions = new(new NameComparer());
    private WasiOptions? wasiOptions;
    private object? wasiKey;
    private bool disposed;

    /// <summary>Creates a linker without definitions.</summary>
    /// <param name="engine">The engine whose modules are to be linked.</param>
    public Linker(Engine engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        Engine = engine;
    }

    /// <summary>The linker's engine.</summary>
    public Engine Engine { get; }

    /// <summary>Whether a later definition may replace an earlier one of the same name; else defining twice throws.</summary>
    public bool AllowShadowing { get; set; }

    /// <summary>Defines a host function. Calls of it are typed: they neither box nor allocate, up to eight parameters.</summary>
    /// <param name="module">The first name that modules import it by.</param>
    /// <param name="name">The second name.</param>
    /// <param name="body">
    /// Any delegate, so any lambda: <c>(int pointer, int length) => …</c>. Parameters are int or uint (i32), long or ulong
    /// (i64), float (f32), double (f64), object (externref), <see cref="Function"/> (funcref); the first may be a
    /// <see cref="Caller"/>. Results: none, one of these, or a tuple of them. What it throws unwinds the guest and
    /// reaches the host's own call unchanged.
    /// </param>
    /// <exception cref="ArgumentException">A parameter or the result has another type.</exception>
    /// <exception cref="InvalidOperationException">The name is defined, and <see cref="AllowShadowing"/> is off.</exception>
    public void Define(string module, string name, Delegate body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Add(module, name, HostDefinition.Of(Engine, body));
    }

    /// <summary>Defines a host function by its type, called with the raw slots.</summary>
    /// <exception cref="InvalidOperationException">The name is defined, and <see cref="AllowShadowing"/> is off.</exception>
    public void Define(string module, string name, FunctionType type, HostCallback body)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(body);
        Add(module, name, HostDefinition.Of(type, body));
    }

    /// <summary>Defines something that exists: a function, table or global of a store, a memory, a tag.</summary>
    /// <exception cref="InvalidOperationException">The name is defined, and <see cref="AllowShadowing"/> is off.</exception>
    public void Define(string module, string name, External item)
    {
        ArgumentNullException.ThrowIfNull(item);
        Add(module, name, item);
    }

    /// <summary>Defines all exports of an instance.</summary>
    /// <param name="module">The first name that modules import them by.</param>
    /// <param name="instance">The instance.</param>
    /// <exception cref="InvalidOperationException">A name is defined, and <see cref="AllowShadowing"/> is off.</exception>
    public void DefineInstance(string module, Instance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        foreach ((string name, External item) in instance.Exports) Add(module, name, item);
    }

    /// <summary>Instantiates a module, runs its <c>_initialize</c> if it exports one, and defines its exports.</summary>
    /// <param name="store">The store for the instance.</param>
    /// <param name="name">The first name that modules import its exports by.</param>
    /// <param name="module">The module.</param>
    /// <returns>The instance.</returns>
    /// <inheritdoc cref="Instantiate"/>
    /// <exception cref="InvalidOperationException">A name is defined, and <see cref="AllowShadowing"/> is off.</exception>
    public Instance DefineModule(Store store, string name, Module module)
    {
        Instance instance = Instantiate(store, module);
        if (instance.TryGetFunction("_initialize", out Action? initialize)) initialize();
        DefineInstance(name, instance);
        return instance;
    }

    /// <summary>
    /// Defines the functions of WASI preview 1 (<c>wasi_snapshot_preview1</c>). Each store has its own descriptors, opened
    /// when a module that imports them is first instantiated in it, and closed with the store.
    /// </summary>
    /// <param name="options">What the guests see of the host.</param>
    /// <exception cref="InvalidOperationException">WASI is defined, and <see cref="AllowShadowing"/> is off.</exception>
    public void DefineWasi(WasiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ObjectDisposedException.ThrowIf(disposed, this);
        lock (gate)
        {
            if (wasiOptions is not null && !AllowShadowing) throw new InvalidOperationException("WASI is already defined.");
            foreach (string name in WasiImports.Names)
            {
                if (definitions.ContainsKey((WasiImports.ModuleName, name)) && !AllowShadowing) throw AlreadyDefined(WasiImports.ModuleName, name);
                definitions.Remove((WasiImports.ModuleName, name));
            }

            // Two definitions in one store are two worlds, even of equal options.
            wasiKey = new object();
            wasiOptions = options;
        }
    }

    /// <summary>Defines the function imports of a module that have no definition yet as functions that trap when called.</summary>
    public void DefineUnknownImportsAsTraps(Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        foreach (ModuleImport import in module.Imports)
        {
            if (import.Type.Function is not { } type || IsDefined(import.Module, import.Name)) continue;
            string message = $"unknown import: {import.Module}.{import.Name} isn't defined";
            Add(import.Module, import.Name, HostDefinition.Of(type, (_, _) => throw new TrapException(TrapKind.Unreachable, [], message)));
        }
    }

    /// <summary>Makes an instance of a module, taking its imports from the definitions.</summary>
    /// <param name="store">The store for the instance.</param>
    /// <param name="module">The module.</param>
    /// <exception cref="LinkException">An import isn't defined, or has another type.</exception>
    /// <exception cref="ArgumentException">A definition, or the module, belongs to another store or engine.</exception>
    /// <exception cref="TrapException">A segment is out of bounds, or the start function trapped.</exception>
    /// <exception cref="StoreLimitException">A limit of the store would be exceeded.</exception>
    public Instance Instantiate(Store store, Module module)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Linking.CheckTogether(store, module);
        if (module.Engine != Engine) throw new ArgumentException("The module was made for another engine than the linker.", nameof(module));
        var found = new object[module.Definition.Imports.Length];
        for (int i = 0; i < found.Length; i++)
        {
            ModuleImport import = module.Import(i);
            lock (gate) found[i] = Find(import.Module, import.Name) ?? throw LinkException.Unknown(import);
            if (found[i] is External item) Linking.CheckImport(store, import, item);
            else if (new ExternalType(((HostDefinition)found[i]).Type) is var type && !type.Matches(import.Type)) throw LinkException.Incompatible(import, type);
        }

        var imports = new External[found.Length];
        for (int i = 0; i < found.Length; i++) imports[i] = found[i] as External ?? ((HostDefinition)found[i]).In(store);
        return Instantiation.Run(store, module, imports);
    }

    /// <summary>Forgets the definitions. Instances that were made go on.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            definitions.Clear();
        }
    }

    private bool IsDefined(string module, string name)
    {
        lock (gate) return Find(module, name) is not null;
    }

    // Under the gate: a function of WASI is made at the first request.
    private object? Find(string module, string name)
    {
        if (definitions.TryGetValue((module, name), out object? known)) return known;
        if (wasiOptions is not { } options || module != WasiImports.ModuleName || !WasiImports.TryGet(name, out WasiImport? import)) return null;
        object key = wasiKey!;
        FunctionType type = WasiHostFunction.TypeOf(import.Signature, Engine.StateOf(TypeRegistry.New));
        WasiFunction body = import.Body;
        HostDefinition made = HostDefinition.Of(type, store =>
            new WasiHostFunction(store, type, body, WasiLengths.Of(name), store.Resources.Service(key, _ => new WasiPreview1(options))));
        definitions.Add((module, name), made);
        return made;
    }

    private void Add(string module, string name, object definition)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(name);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (!AllowShadowing && Find(module, name) is not null) throw AlreadyDefined(module, name);
            definitions[(module, name)] = definition;
        }
    }

    private static InvalidOperationException AlreadyDefined(string module, string name) =>
        new($"{module}.{name} is already defined; set {nameof(AllowShadowing)} to replace it.");

    // The framework's own for tuples is made by reflection, at each start of a process.
    private sealed class NameComparer : IEqualityComparer<(string Module, string Name)>
    {
        public bool Equals((string Module, string Name) a, (string Module, string Name) b) => a.Name == b.Name && a.Module == b.Module;

        public int GetHashCode((string Module, string Name) names) => (names.Module.GetHashCode(StringComparison.Ordinal) * 31) + names.Name.GetHashCode(StringComparison.Ordinal);
    }
}
