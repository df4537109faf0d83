namespace Anneal.Wasm.Tests.Api;

/// <summary>What tests of the embedding API share: an engine of a tier, a store, and modules from text.</summary>
public abstract class ApiTest : IDisposable
{
    private readonly List<IDisposable> made = [];

    protected Engine NewEngine(Tier tier, MemoryChecks checks = MemoryChecks.Hardware) =>
        Keep(new Engine(new EngineOptions { Tier = tier, MemoryChecks = checks }));

    protected Store NewStore(Engine engine, StoreLimits? limits = null) => Keep(new Store(engine, limits));

    protected Linker NewLinker(Engine engine) => Keep(new Linker(engine));

    protected Module Compile(Engine engine, string text) => Keep(Module.FromText(engine, text));

    protected Instance Instantiate(Tier tier, string text)
    {
        Engine engine = NewEngine(tier);
        return NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, text));
    }

    protected T Keep<T>(T value)
        where T : IDisposable
    {
        made.Add(value);
        return value;
    }

    public void Dispose()
    {
        for (int i = made.Count - 1; i >= 0; i--) made[i].Dispose();
        GC.SuppressFinalize(this);
    }
}
