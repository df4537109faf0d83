// A directory that a test may fill: `inside` is what the guest gets, beside it stands what it must never reach.

namespace Anneal.Wasm.Tests.Wasi;

internal sealed class TemporaryDirectory : IDisposable
{
    public const string Secret = "the host's secret";

    private readonly string root = Directory.CreateTempSubdirectory("anneal-wasi-").FullName;

    public TemporaryDirectory()
    {
        Directory.CreateDirectory(Inside);
        Directory.CreateDirectory(Outside);
        File.WriteAllText(SecretPath, Secret);
    }

    public string Inside => Path.Combine(root, "inside");

    public string Outside => Path.Combine(root, "outside");

    public string SecretPath => Path.Combine(Outside, "secret");

    public string this[string name] => Path.Combine(Inside, name);

    public void Dispose() => Directory.Delete(root, recursive: true);
}
