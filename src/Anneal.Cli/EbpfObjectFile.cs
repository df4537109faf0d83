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

    /// <summary>What --type is, for the help of each command that has it.</summary>
    public const string TypeHelp = "eBPF: the type of programs whose section's name doesn't tell";

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
    /// <param name="path">The file.</param>
    /// <param name="typeName">The type of programs whose section's name doesn't tell; null where all have to.</param>
    /// <exception cref="CommandFailedException">It can't be read, or isn't one that can be loaded.</exception>
    /// <exception cref="UsageException">There's no such type, or no program that it could be for.</exception>
    public static ObjectFile Read(string path, string? typeName)
    {
        ProgramType? type = ParseType(typeName);
        ObjectFile file;
        try
        {
            file = ObjectFile.Parse(File.ReadAllBytes(path), type);
        }
        catch (UnknownProgramTypeException exception)
        {
            throw new CommandFailedException($"{path}: {exception.Message}; --type gives such programs a type");
        }
        catch (Exception exception) when (Explain(exception, path) is { } message)
        {
            throw new CommandFailedException(message);
        }

        if (file.Programs.IsEmpty) throw new CommandFailedException($"{path}: it has no program");
        if (type is not null && file.Programs.All(program => program.Type != type))
            throw new UsageException($"--type {typeName}: the sections of {path} say the types of all its programs: {string.Join(", ", file.Programs.Select(program => $"{program.Name} ({program.Type.Name})"))}");
        return file;
    }

    // A type's name, or how sections with its programs are called.
    private static ProgramType? ParseType(string? name)
    {
        if (name is null) return null;
        foreach (ProgramType type in ProgramTypes.All)
        {
            if (type.Name == name) return type;
        }

        return ProgramTypes.OfSection(name)
            ?? throw new UsageException($"there's no program type \"{name}\"; choose of {string.Join(", ", ProgramTypes.All.Select(type => type.Name))}");
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
