namespace Anneal.Wasm.Runtime;

/// <summary>The checks that stand before every instantiation.</summary>
internal static class Linking
{
    /// <summary>Throws unless the module can be instantiated in the store at all.</summary>
    public static void CheckTogether(Store store, Module module)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(module);
        ObjectDisposedException.ThrowIf(module.IsDisposed, module);
        store.CheckAccess();
        if (module.Engine != store.Engine) throw new ArgumentException("The module was made for another engine than the store.", nameof(module));
    }

    /// <summary>Throws unless what is given can stand for an import.</summary>
    /// <exception cref="LinkException">It has another type.</exception>
    /// <exception cref="ArgumentException">It belongs to another store or engine.</exception>
    public static void CheckImport(Store store, ModuleImport import, External given)
    {
        ArgumentNullException.ThrowIfNull(given);
        Store? owner = given switch
        {
            Function function => function.Store,
            Table table => table.Store,
            Global global => global.Store,
            _ => null,
        };
        if (owner is not null && owner != store)
            throw new ArgumentException($"What is defined for {import.Module}.{import.Name} belongs to another store.");
        ExternalType type = given.ExternalType;
        if (!type.Matches(import.Type)) throw LinkException.Incompatible(import, type);
    }
}
