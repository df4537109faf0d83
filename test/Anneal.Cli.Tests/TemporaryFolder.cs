namespace Anneal.Cli.Tests;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("anneal-cli-");

    public string Path => folder.FullName;

    public string Add(string name, string content) => Add(name, System.Text.Encoding.UTF8.GetBytes(content));

    public string Add(string name, byte[] content)
    {
        string path = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => folder.Delete(recursive: true);
}
