// An object that has been loaded: maps made, programs verified (or sandboxed) and ready to run.

using System.Collections.Immutable;

namespace Anneal.Ebpf;

/// <summary>A loaded object: its programs and maps by name.</summary>
public sealed class EbpfObject
{
    private readonly Dictionary<string, LoadedProgram> programsByName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EbpfMap> mapsByName = new(StringComparer.Ordinal);

    private EbpfObject(EbpfRuntime runtime, ObjectFile file, IReadOnlyDictionary<string, EbpfMap>? given, Func<EbpfProgram, bool>? wanted)
    {
        File = file;
        Maps = [.. file.Maps.Select(definition => given is not null && given.TryGetValue(definition.Name, out EbpfMap? map) ? map : runtime.CreateMap(definition))];
        foreach (EbpfMap map in Maps) mapsByName.TryAdd(map.Name, map);
        ImmutableArray<LoadedProgram>.Builder programs = ImmutableArray.CreateBuilder<LoadedProgram>();
        foreach (EbpfProgram program in file.Programs)
        {
            if (wanted is not null && !wanted(program)) continue;
            LoadedProgram loaded = runtime.Load(program, Maps);
            programs.Add(loaded);
            programsByName.TryAdd(loaded.Name, loaded);
        }

        Programs = programs.ToImmutable();
        foreach (InitialMapValue value in file.InitialValues) Initialize(value);
    }

    /// <summary>The parsed object.</summary>
    public ObjectFile File { get; }

    /// <summary>The programs.</summary>
    public ImmutableArray<LoadedProgram> Programs { get; }

    /// <summary>The maps, those of data sections included.</summary>
    public ImmutableArray<EbpfMap> Maps { get; }

    /// <summary>Loads an object from a file's bytes.</summary>
    /// <param name="runtime">The runtime that the object's programs and maps are for.</param>
    /// <param name="file">The file's bytes.</param>
    /// <param name="maps">Maps to use in place of definitions of the same name.</param>
    /// <param name="wanted">Which programs to load; null: all.</param>
    /// <param name="options">How to parse it.</param>
    /// <exception cref="ObjectFormatException">It isn't an eBPF object, is damaged, or has something in it that isn't supported.</exception>
    /// <exception cref="InvalidEbpfProgramException">A program isn't well formed, or calls what isn't there.</exception>
    /// <exception cref="InvalidMapException">A map is of a kind that isn't supported, or doesn't make sense.</exception>
    /// <exception cref="VerifierException">A program was to be verified and is refused.</exception>
    public static EbpfObject Load(EbpfRuntime runtime, ReadOnlyMemory<byte> file, IReadOnlyDictionary<string, EbpfMap>? maps = null, Func<EbpfProgram, bool>? wanted = null, ObjectOptions? options = null) =>
        Load(runtime, ObjectFile.Parse(file, options ?? new ObjectOptions()), maps, wanted);

    /// <summary>Loads a parsed object.</summary>
    /// <inheritdoc cref="Load(EbpfRuntime, ReadOnlyMemory{byte}, IReadOnlyDictionary{string, EbpfMap}?, Func{EbpfProgram, bool}?, ObjectOptions?)"/>
    public static EbpfObject Load(EbpfRuntime runtime, ObjectFile file, IReadOnlyDictionary<string, EbpfMap>? maps = null, Func<EbpfProgram, bool>? wanted = null)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(file);
        return new EbpfObject(runtime, file, maps, wanted);
    }

    /// <summary>Loads an object from a file.</summary>
    /// <inheritdoc cref="Load(EbpfRuntime, ReadOnlyMemory{byte}, IReadOnlyDictionary{string, EbpfMap}?, Func{EbpfProgram, bool}?, ObjectOptions?)"/>
    public static EbpfObject LoadFile(EbpfRuntime runtime, string path, IReadOnlyDictionary<string, EbpfMap>? maps = null, Func<EbpfProgram, bool>? wanted = null, ObjectOptions? options = null) =>
        Load(runtime, System.IO.File.ReadAllBytes(path), maps, wanted, options);

    /// <summary>The program of that name.</summary>
    /// <exception cref="KeyNotFoundException">There's none.</exception>
    public LoadedProgram Program(string name) =>
        programsByName.TryGetValue(name, out LoadedProgram? program) ? program : throw new KeyNotFoundException($"the object has no program {name}; it has {string.Join(", ", programsByName.Keys)}");

    /// <summary>The map of that name.</summary>
    /// <exception cref="KeyNotFoundException">There's none.</exception>
    public EbpfMap Map(string name) =>
        mapsByName.TryGetValue(name, out EbpfMap? map) ? map : throw new KeyNotFoundException($"the object has no map {name}; it has {string.Join(", ", mapsByName.Keys)}");

    private void Initialize(InitialMapValue value)
    {
        switch (Maps[value.Map])
        {
            case MapOfMaps outer when value.InnerMap >= 0:
                outer.Set(value.Index, Maps[value.InnerMap]);
                break;
            case ProgramArray array when programsByName.TryGetValue(value.Program, out LoadedProgram? program):
                array[value.Index] = program;
                break;
            case ProgramArray when File.Programs.Any(program => program.Name == value.Program):
                // A program that wasn't wanted.
                break;
            default:
                throw new InvalidMapException(Maps[value.Map].Name, $"entry {value.Index} can't be what the object says");
        }
    }
}
