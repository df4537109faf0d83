// Reading modules for all commands: whatever is wrong with a file becomes one message that says what and where.

using Anneal.Wasm;
using Anneal.Wasm.Text;

namespace Anneal.Cli;

/// <summary>Modules from files.</summary>
internal static class ModuleFile
{
    /// <summary>Reads, decodes and validates a file.</summary>
    /// <exception cref="CommandFailedException">That isn't possible.</exception>
    public static Module Read(Engine engine, string path)
    {
        try
        {
            return Module.FromFile(engine, path);
        }
        catch (Exception exception) when (Explain(exception, path) is { } message)
        {
            throw new CommandFailedException(message);
        }
    }

    /// <summary>The message for an exception that a file is to blame for; null for any other.</summary>
    public static string? Explain(Exception exception, string path) => exception switch
    {
        WatException { Line: > 0 } text => text.Message,
        FileNotFoundException or DirectoryNotFoundException => $"{path}: there's no such file",
        UnauthorizedAccessException when Directory.Exists(path) => $"{path}: that's a folder",
        UnauthorizedAccessException => $"{path}: reading it isn't permitted",
        OutOfMemoryException => $"{path}: too large for the memory of this machine",
        // What is named as a module's file should be one; of others say first what they are.
        WasmException when !IsNamedAsModule(path) && EbpfObjectFile.Unknown(path) is { } other => $"{path}: {other}",
        WatException or WasmException or IOException or ArgumentException => $"{path}: {exception.Message}",
        _ => null,
    };

    private static bool IsNamedAsModule(string path) => path.EndsWith(".wasm", StringComparison.Ordinal) || path.EndsWith(".wat", StringComparison.Ordinal);
}
