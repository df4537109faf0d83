// The functions that Ruby's module offers, as delegates. The module's exports carry their signature of the interface in their
// names ("rb-errinfo: func() -> handle<rb-abi-value>"); only what is before the colon is needed to find them.

using Anneal.Wasm;

namespace EmbedRuby;

/// <summary>The exports of Ruby's module, typed. Pointers, lengths and handles are all <see cref="int"/>.</summary>
internal sealed class RubyExports
{
    public RubyExports(Instance instance)
    {
        Memory = instance.GetMemory("memory") ?? throw NotRuby("memory");
        Initialize = Find<Action>(instance, "_initialize");
        Allocate = Find<Func<int, int, int, int, int>>(instance, "cabi_realloc");
        Init = Find<Action<int, int>>(instance, "ruby-init");
        EvalString = Find<Func<int, int, int>>(instance, "rb-eval-string-protect");
        CallMethod = Find<Func<int, int, int, int, int>>(instance, "rb-funcallv-protect");
        Intern = Find<Func<int, int, int>>(instance, "rb-intern");
        ErrorInfo = Find<Func<int>>(instance, "rb-errinfo");
        ClearErrorInfo = Find<Action>(instance, "rb-clear-errinfo");
        StringPointer = Find<Func<int, int>>(instance, "rstring-ptr");
        FreeStringPointer = Find<Action<int>>(instance, "cabi_post_rstring-ptr");
        Drop = Find<Action<int>>(instance, "canonical_abi_drop_rb-abi-value");
    }

    /// <summary>Ruby's memory.</summary>
    public Memory Memory { get; }

    /// <summary>Prepares the module; called once, before anything else.</summary>
    public Action Initialize { get; }

    /// <summary>(old pointer, old size, alignment, size) → pointer: allocates guest memory.</summary>
    public Func<int, int, int, int, int> Allocate { get; }

    /// <summary>(list of strings, count): starts the Ruby VM with command line arguments.</summary>
    public Action<int, int> Init { get; }

    /// <summary>(string, length) → pointer to (handle, status): evaluates source text.</summary>
    public Func<int, int, int> EvalString { get; }

    /// <summary>(receiver, method id, list of handles, count) → pointer to (handle, status).</summary>
    public Func<int, int, int, int, int> CallMethod { get; }

    /// <summary>(string, length) → method id.</summary>
    public Func<int, int, int> Intern { get; }

    /// <summary>() → handle of the exception that ended the last evaluation.</summary>
    public Func<int> ErrorInfo { get; }

    /// <summary>Forgets that exception.</summary>
    public Action ClearErrorInfo { get; }

    /// <summary>(handle of a String) → pointer to (pointer, length) of a copy of its bytes.</summary>
    public Func<int, int> StringPointer { get; }

    /// <summary>(what <see cref="StringPointer"/> returned): frees the copy.</summary>
    public Action<int> FreeStringPointer { get; }

    /// <summary>(value): the host doesn't need the value any more, so Ruby's garbage collector may free it.</summary>
    public Action<int> Drop { get; }

    private static TDelegate Find<TDelegate>(Instance instance, string name)
        where TDelegate : Delegate
    {
        foreach (ModuleExport export in instance.Module.Exports)
        {
            if (export.Name == name || export.Name.StartsWith(name + ":", StringComparison.Ordinal))
                return instance.GetFunction<TDelegate>(export.Name);
        }

        throw NotRuby(name);
    }

    private static InvalidDataException NotRuby(string missing) =>
        new($"The module isn't a Ruby of @ruby/3.4-wasm-wasi: it doesn't export \"{missing}\".");
}
