// Finds the WebAssembly conformance scripts, which are data beside the repository and not part of it.

namespace Anneal.Wasm.Tests;

internal static class TestSuite
{
    /// <summary>What a test says when it is skipped because the scripts are not there.</summary>
    public const string Absent = "the conformance scripts (shared/wasm-testsuite beside the repository) are absent";

    /// <summary>The folder of the scripts, or null where there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>The scripts of the top folder, by name; empty where there are none.</summary>
    public static IEnumerable<string> Scripts() => Folder is null ? [] : Directory.EnumerateFiles(Folder, "*.wast").Order();

    private static string? Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", "wasm-testsuite");
            if (Directory.Exists(candidate))
                return candidate;
        }
        return null;
    }
}
