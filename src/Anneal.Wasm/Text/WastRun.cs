// One script being carried out: its store, the instances and definitions it has named and registered so far, and the counts.
//
// A module that needs a feature the engine lacks leaves the UnsupportedFeatureException in its place, and whatever needs
// that module later meets it there: this is how everything that hangs on such a module is skipped and never counted
// as passed or failed. A module that fails otherwise leaves the failure, and what needs it fails too.

namespace Anneal.Wasm.Text;

internal sealed class WastRun : IDisposable
{
    private readonly Engine _engine;
    private readonly Store _store;
    private readonly WastValues _values;
    private readonly string? _fileName;
    private readonly TextWriter? _failures;
    private readonly WastSpectest _spectest;

    // Instance, or the exception that stands where one should be.
    private readonly Dictionary<string, object> _instances = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _registered = new(StringComparer.Ordinal);

    // Module, or the exception.
    private readonly Dictionary<string, object> _definitions = new(StringComparer.Ordinal);
    private readonly List<Module> _modules = [];
    private object? _lastInstance;
    private object? _lastDefinition;

    public WastRun(Engine engine, string? fileName, TextWriter? failures, CancellationToken cancellation)
    {
        _engine = engine;
        _fileName = fileName;
        _failures = failures;
        _store = new Store(engine);
        // Scripts know nothing of fuel.
        if (engine.Options.FuelMetering) _store.Fuel = long.MaxValue;
        if (cancellation.CanBeCanceled)
            _store.CancelOn(cancellation);
        _values = new WastValues(_store);
        _spectest = new WastSpectest(_store);
    }

    public WastSummary Summary { get; } = new();

    public void CarryOut(WastCommand command)
    {
        bool isAssertion = command is not (WastModuleCommand or WastInstanceCommand or WastRegisterCommand or WastActionCommand);
        try
        {
            if (command is WastUnsupported unknown)
                Summary.Skip(unknown.Name);
            else if (Execute(command) is { } wrong)
                Fail(command, wrong);
            else if (isAssertion)
                Summary.Pass();
        }
        catch (UnsupportedFeatureException unsupported)
        {
            if (isAssertion)
                Summary.Skip(unsupported.Feature);
        }
        catch (Exception exception) when (exception is TrapException or WasmException or WatException)
        {
            Fail(command, $"{exception.GetType().Name}: {exception.Message}");
        }
        catch (Exception exception)
        {
            // Nothing of the kind is expected; a script must end with its counts nevertheless.
            Fail(command, exception.ToString());
        }
    }

    public void Dispose()
    {
        _store.Dispose();
        foreach (Module module in _modules)
            module.Dispose();
    }

    private void Fail(WastCommand command, string wrong)
    {
        Summary.Fail();
        _failures?.WriteLine($"{_fileName ?? "<script>"}:{command.Line}: {wrong}");
    }

    // What is wrong; null if the command did what it should.
    private string? Execute(WastCommand command)
    {
        switch (command)
        {
            case WastModuleCommand module:
                Define(module);
                return null;
            case WastInstanceCommand instance:
                Enter(instance.Name, () => Instantiate((Module)Present(
                    instance.Definition is { } definition ? _definitions.GetValueOrDefault(definition) : _lastDefinition, "definition")));
                return null;
            case WastRegisterCommand register:
                _registered[register.ImportName] = Named(register.Instance) ?? throw Missing("instance");
                return null;
            case WastActionCommand action:
                Perform(action.Action);
                return null;
            case WastAssertReturn assertion:
                return _values.Compare(Perform(assertion.Action), assertion.Results);
            case WastAssertTrap { Action: { } action } assertion:
                return ExpectTrap(assertion.Message, () => Perform(action));
            case WastAssertTrap assertion:
                Module trapping = Compile(assertion.Module!);
                return ExpectTrap(assertion.Message, () => Instantiate(trapping));
            case WastAssertExhaustion assertion:
                return ExpectTrap(assertion.Message, () => Perform(assertion.Action));
            case WastAssertException assertion:
                Perform(assertion.Action);
                return "no exception";
            case WastAssertInvalid assertion:
                return Expect<InvalidModuleException>($"an invalid module ({assertion.Message})", () => Compile(assertion.Module));
            case WastAssertMalformed assertion:
                return ExpectMalformed(assertion);
            case WastAssertUnlinkable assertion:
                Module unlinkable = Compile(assertion.Module);
                return Expect<LinkException>($"an unlinkable module ({assertion.Message})", () => Instantiate(unlinkable));
            default:
                throw new InvalidOperationException($"unknown command {command.GetType().Name}");
        }
    }

    private void Define(WastModuleCommand command)
    {
        string? name = command.Module.Name;
        if (!command.DefinitionOnly)
        {
            Enter(name, () => Instantiate(Compile(command.Module)));
            return;
        }
        object definition;
        try
        {
            definition = Compile(command.Module);
        }
        catch (Exception exception)
        {
            Place(exception);
            throw;
        }
        Place(definition);

        void Place(object made)
        {
            _lastDefinition = made;
            if (name is not null)
                _definitions[name] = made;
        }
    }

    private void Enter(string? name, Func<Instance> make)
    {
        object made;
        try
        {
            made = make();
        }
        catch (Exception exception)
        {
            Place(exception);
            throw;
        }
        Place(made);

        void Place(object instance)
        {
            _lastInstance = instance;
            if (name is not null)
                _instances[name] = instance;
        }
    }

    private Module Compile(WastModule module)
    {
        var compiled = Module.FromBytes(_engine, module.Encode(), module.Name);
        _modules.Add(compiled);
        return compiled;
    }

    private Instance Instantiate(Module module)
    {
        // An import of a module that could not be made for lack of a feature: neither unlinkable nor linkable.
        foreach (ModuleImport import in module.Imports)
        {
            if (_registered.GetValueOrDefault(import.Module) is UnsupportedFeatureException unsupported)
                throw unsupported;
        }
        var imports = new External[module.Imports.Count];
        for (int i = 0; i < imports.Length; i++)
            imports[i] = Find(module.Imports[i]) ?? throw LinkException.Unknown(module.Imports[i]);
        return Instance.Create(_store, module, imports);
    }

    private External? Find(ModuleImport import)
    {
        if (_registered.TryGetValue(import.Module, out object? registered))
            return ((Instance)Present(registered, "registered module")).GetExport(import.Name);
        return import.Module == WastSpectest.ModuleName ? _spectest.Find(import.Name) : null;
    }

    private WastResults Perform(WastAction action)
    {
        var instance = (Instance)Present(Named(action.Instance), "instance");
        External? export = instance.GetExport(action.Export);
        return (action, export) switch
        {
            (WastInvoke invoke, Function function) => _values.Call(function, invoke.Arguments),
            (WastGet, Global global) => _values.Get(global),
            _ => throw new InvalidOperationException($"\"{action.Export}\" is {(export is null ? "not exported" : $"a {export.Kind}")}"),
        };
    }

    private object? Named(string? name) => name is null ? _lastInstance : _instances.GetValueOrDefault(name);

    private static object Present(object? made, string what) => made switch
    {
        null => throw Missing(what),
        UnsupportedFeatureException unsupported => throw unsupported,
        Exception failure => throw new InvalidOperationException($"the {what} could not be made: {failure.Message}"),
        _ => made,
    };

    private static InvalidOperationException Missing(string what) => new($"there is no such {what}");

    private static string? ExpectTrap(string message, Action act)
    {
        try
        {
            act();
        }
        catch (TrapException trap)
        {
            return WastTraps.Fits(message, trap.Kind) ? null : $"expected the trap \"{message}\", got {trap.Kind} ({trap.Message})";
        }
        return $"expected the trap \"{message}\", got none";
    }

    private string? ExpectMalformed(WastAssertMalformed assertion)
    {
        try
        {
            Compile(assertion.Module);
        }
        catch (Exception exception) when (exception is MalformedModuleException or WatException)
        {
            return null;
        }
        return $"expected a malformed module ({assertion.Message}), got a module";
    }

    private static string? Expect<TException>(string what, Action act)
        where TException : Exception
    {
        try
        {
            act();
        }
        catch (TException)
        {
            return null;
        }
        return $"expected {what}, got none";
    }
}
