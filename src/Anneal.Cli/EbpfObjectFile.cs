// eBPF objects among the files that the tool is given. IsOne looks at bytes only: it's asked for each program that is run, and a
// WebAssembly program must not load the assembly of the other guest.

using Anneal.Ebpf;
using Anneal.Ebpf.Verification;

namespace Anneal.Cli;

/// <summary>eBPF objects from files.</summary>
internal static class EbpfObjectFile
{
    private const int HeaderBytes = 20;
    private const int Machine = 247;

    /// <summary>Whether the file is an ELF object for the BPF machine. False for what can't be read, which another reader will explain.</summary>
    public static bool IsOne(string path)
    {
        // The names that modules have say it already.
        if (path.EndsWith(".wasm", StringComparison.Ordinal) || path.EndsWith(".wat", StringComparison.Ordinal)) return false;
        Span<byte> header = stackalloc byte[HeaderBytes];
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path);
            if (RandomAccess.Read(file, header, 0) != HeaderBytes) return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }

        if (!header.StartsWith("\u007FELF"u8)) return false;
        bool bigEndian = header[5] == 2;
        return (bigEndian ? (header[18] << 8) | header[19] : header[18] | (header[19] << 8)) == Machine;
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="CommandFailedException">It can't be read, or isn't one that can be loaded.</exception>
    public static ObjectFile Read(string path)
    {
        try
        {
            ObjectFile file = ObjectFile.Parse(File.ReadAllBytes(path));
            return file.Programs.IsEmpty ? throw new CommandFailedException($"{path}: it has no program") : file;
        }
        catch (Exception exception) when (Explain(exception, path) is { } message)
        {
            throw new CommandFailedException(message);
        }
    }

    /// <summary>The programs of an object: all, or the one of that name.</summary>
    /// <exception cref="UsageException">There's none of that name.</exception>
    public static IReadOnlyList<EbpfProgram> Select(ObjectFile file, string path, string? name)
    {
        if (name is null) return file.Programs;
        EbpfProgram? found = file.Programs.FirstOrDefault(program => program.Name == name);
        return found is null
            ? throw new UsageException($"{path} has no program \"{name}\"; it has {string.Join(", ", file.Programs.Select(program => program.Name))}")
            : [found];
    }

    /// <summary>The message for an exception that an object is to blame for, the verifier's log included; null for any other.</summary>
    public static string? Explain(Exception exception, string path) => exception switch
    {
        VerifierException refused => $"{refused.Log}{path}: refused: {refused.Message}",
        ObjectFormatException or InvalidEbpfProgramException or InvalidMapException => $"{path}: {exception.Message}",
        _ => ModuleFile.Explain(exception, path),
    };
}
