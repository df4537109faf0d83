// Where things are in the working tree. The root is found upwards from the current folder or the built program.

namespace Anneal.Bench;

internal sealed class Repository
{
    private Repository(string root) => Root = root;

    public string Root { get; }

    /// <summary>A script of the bench folder, which runs modules in a peer.</summary>
    public string Script(string name) => Path.Combine(Root, "bench", name);

    public string BenchPrograms => Path.Combine(Root, "guests", "bench");

    public string Hello => Path.Combine(Root, "guests", "wasi", "hello.wasm");

    public string EsbuildProject => Path.Combine(Root, "test", "acceptance", "esbuild-project");

    /// <summary>Where `test/acceptance/run --install esbuild` puts the module.</summary>
    public string InstalledEsbuild =>
        Path.Combine(Root, ".anneal", "acceptance", "node_modules", "@esbuild", "wasi-preview1", "esbuild.wasm");

    /// <summary>Where `test/acceptance/run --install ruby` puts the module.</summary>
    public string InstalledRuby =>
        Path.Combine(Root, ".anneal", "acceptance", "node_modules", "@ruby", "3.4-wasm-wasi", "dist", "ruby+stdlib.wasm");

    /// <summary>Where `bench/run first` publishes samples/EmbedRuby, precompiled like the tool.</summary>
    public string EmbedRuby => Path.Combine(Root, ".anneal", "bench", "embed-ruby", "EmbedRuby.dll");

    public static Repository Find()
    {
        foreach (string start in new[] { Environment.CurrentDirectory, AppContext.BaseDirectory })
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Anneal.slnx")))
                    return new Repository(folder.FullName);
            }
        }
        throw new BenchException("not inside the repository: no Anneal.slnx in this folder or above it");
    }

    /// <summary>The full path of a command on PATH, or null.</summary>
    public static string? FindOnPath(string command)
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            if (folder.Length > 0 && File.Exists(Path.Combine(folder, command)))
                return Path.Combine(folder, command);
        }
        return null;
    }
}
