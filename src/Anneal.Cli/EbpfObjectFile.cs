// eBPF objects among the files that the tool is given. IsOne looks at bytes only: it's asked for each program that is run, and a
// WebAssembly program must not load the assembly of the other guest.

using Anneal.Ebpf;

namespace Anneal.Cli;

/// <summary>eBPF objects from files.</summary>
internal static class EbpfObjectFile
{
    private const int HeaderBytes = 20;
    private const int Machine = 247;

    /// <summary>What --type is, for the help of each command that has it.</summary>
    public const string TypeHelp = "eBPF: the type of programs whose section's name doesn't tell";

    /// <summary>What --types is.</summary>
    public const string TypesHelp = "eBPF: the types that CO-RE relocations are for: BTF as it is (/sys/kernel/btf/vmlinux) or in an ELF file; without it, the object's own";

    /// <summary>Whether the file is an ELF object for the BPF machine. False for what can't be read, which another reader will explain.</summary>
    public static bool IsOne(string path)
    {
        // The names that modules have say it already.
        if (path.EndsWith(".wasm", StringComparison.Ordinal) || path.EndsWith(".wat", StringComparison.Ordinal)) return false;
        Span<byte> header = stackalloc byte[HeaderBytes];
        return Head(path, header) == HeaderBytes && IsElf(header) && MachineOf(header) == Machine;
    }

    /// <summary>What a file is that is neither a module nor an eBPF object; null if it begins as one of these or can't be looked at.</summary>
    public static string? Unknown(string path)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        int length = Head(path, header);
        if (length < 0 || header.StartsWith("\0asm"u8)) return null;
        if (length == 0) return "an empty file";
        if (!IsElf(header)) return "neither a WebAssembly module nor an eBPF object";
        if (length < HeaderBytes) return "an ELF file that is cut off";
        return MachineOf(header) == Machine ? null : $"an ELF file for machine {MachineOf(header)}, where eBPF objects have {Machine}";
    }

    private static bool IsElf(ReadOnlySpan<byte> header) => header.StartsWith("\u007FELF"u8);

    private static int MachineOf(ReadOnlySpan<byte> header) => header[5] == 2 ? (header[18] << 8) | header[19] : header[18] | (header[19] << 8);

    // How many of its first bytes there are; -1 for what can't be read twice, such as a pipe.
    private static int Head(string path, Span<byte> header)
    {
        header.Clear();
        try
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path);
            return RandomAccess.GetLength(file) < 0 ? -1 : RandomAccess.Read(file, header, 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return -1;
        }
    }

    /// <summary>Reads an object.</summary>
    /// <param name="path">The file.</param>
    /// <param name="typeName">The type of programs whose section's name doesn't tell; null where all have to.</param>
    /// <param name="typesPath">The file of the target's types; null for the object's own.</param>
    /// <param name="typeMatters">Whether it's a mistake when there's no program that the type is for.</param>
    /// <exception cref="CommandFailedException">It can't be read, or isn't one that can be loaded.</exception>
    /// <exception cref="UsageException">There's no such type, or no program that it could be for.</exception>
    public static ObjectFile Read(string path, string? typeName, string? typesPath, bool typeMatters = true)
    {
        ProgramType? type = ParseType(typeName);
        TargetTypes? target = typesPath is null ? null : ReadTypes(typesPath);
        ObjectFile file;
        try
        {
            file = ObjectFile.Parse(File.ReadAllBytes(path), new ObjectOptions { Fallback = type, TargetTypes = target });
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
        if (typeMatters && type is not null && file.Programs.All(program => program.Type != type))
            throw new UsageException($"--type {typeName}: the sections of {path} say the types of all its programs: {string.Join(", ", file.Programs.Select(program => $"{program.Name} ({program.Type.Name})"))}");
        return file;
    }

    private static TargetTypes ReadTypes(string path)
    {
        try
        {
            return TargetTypes.ParseFile(path);
        }
        catch (ObjectFormatException exception)
        {
            throw new CommandFailedException($"{path}: {exception.Message}");
        }
        catch (Exception exception) when (ModuleFile.Explain(exception, path) is { } message)
        {
            throw new CommandFailedException(message);
        }
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
        ObjectFormatException when Unknown(path) is { } other => $"{path}: {other}",
        ObjectFormatException or InvalidEbpfProgramException or InvalidMapException => $"{path}: {exception.Message}",
        _ => ModuleFile.Explain(exception, path),
    };
}
