// A module: decoded and validated when it's made, lowered function by function when they are first called. Immutable but
// for what is filled in lazily, so instances in any number of stores and threads share it.

using System.Security.Cryptography;
using System.Text;
using Anneal.Bytecode;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Runtime;
using Anneal.Wasm.Text;
using Anneal.Wasm.Validation;

namespace Anneal.Wasm;

/// <summary>A WebAssembly module: checked code that can be instantiated. Thread-safe.</summary>
public sealed class Module : IDisposable
{
    // Data segments are read through pointers into the bytes, which is why these are pinned.
    private readonly string? givenName;
    private readonly Lazy<NameSection> names;
    private readonly Lazy<Dictionary<string, int>> exportIndices;
    private byte[]? hash;
    private ModuleImport[]? imports;
    private ModuleExport[]? exports;
    private ModuleCode? guarded;
    private ModuleCode? explicitlyChecked;
    private bool disposed;

    private Module(Engine engine, byte[] pinnedBytes, string? name)
    {
        Engine = engine;
        givenName = name;
        TypeRegistry types = engine.StateOf(TypeRegistry.New);
        Definition = ModuleDecoder.Decode(pinnedBytes, types);
        ModuleValidator.Validate(Definition, new ValidationOptions());
        names = new Lazy<NameSection>(() => NameSection.Read(Definition));
        exportIndices = new Lazy<Dictionary<string, int>>(IndexExports);
    }

    /// <summary>The engine that the module was made for.</summary>
    public Engine Engine { get; }

    /// <summary>The name given when it was made, else the one in its name section; null if there's neither.</summary>
    public string? Name => givenName ?? names.Value.ModuleName;

    /// <summary>What the module needs, in order of declaration.</summary>
    public IReadOnlyList<ModuleImport> Imports => imports ??= DescribeImports();

    /// <summary>What the module offers, in order of declaration.</summary>
    public IReadOnlyList<ModuleExport> Exports => exports ??= DescribeExports();

    /// <summary>The custom sections, in order, the name section included.</summary>
    public IReadOnlyList<ModuleSection> CustomSections =>
        [.. Definition.CustomSections.Select(section => new ModuleSection(section.Name, Definition.Bytes.Slice(section.Start, section.Length)))];

    internal ModuleDefinition Definition { get; }

    /// <summary>The SHA-256 of the module's bytes.</summary>
    internal byte[] Hash => hash ??= SHA256.HashData(Definition.Bytes.Span);

    internal bool IsDisposed => disposed;

    /// <summary>Makes a module of its binary format; the bytes are copied.</summary>
    /// <param name="engine">The engine to run it in.</param>
    /// <param name="bytes">The whole module.</param>
    /// <param name="name">What backtraces call it; null for its own name.</param>
    /// <exception cref="MalformedModuleException">The bytes are no module.</exception>
    /// <exception cref="InvalidModuleException">The module isn't valid.</exception>
    /// <exception cref="UnsupportedFeatureException">The module needs a feature that the engine lacks.</exception>
    public static Module FromBytes(Engine engine, ReadOnlySpan<byte> bytes, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ObjectDisposedException.ThrowIf(engine.IsDisposed, engine);
        byte[] pinned = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(pinned);
        return new Module(engine, pinned, name);
    }

    /// <summary>Makes a module of its binary format; the bytes are copied.</summary>
    /// <inheritdoc cref="FromBytes(Engine, ReadOnlySpan{byte}, string?)"/>
    public static Module FromBytes(Engine engine, byte[] bytes, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return FromBytes(engine, bytes.AsSpan(), name);
    }

    /// <summary>Makes a module of a file, in the binary or the text format, which its first bytes tell.</summary>
    /// <param name="engine">The engine to run it in.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <inheritdoc cref="FromBytes(Engine, ReadOnlySpan{byte}, string?)"/>
    public static Module FromFile(Engine engine, string path)
    {
        // No buffer: it's read into the module's own.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return FromStream(engine, file, name: null, path);
    }

    /// <summary>Makes a module of a stream, from its position to its end, in the binary or the text format.</summary>
    /// <param name="engine">The engine to run it in.</param>
    /// <param name="stream">The stream. It isn't disposed.</param>
    /// <param name="name">What backtraces call it; null for its own name.</param>
    /// <exception cref="IOException">The stream can't be read.</exception>
    /// <inheritdoc cref="FromBytes(Engine, ReadOnlySpan{byte}, string?)"/>
    public static Module FromStream(Engine engine, Stream stream, string? name = null) => FromStream(engine, stream, name, fileName: null);

    /// <summary>Makes a module of its text format.</summary>
    /// <param name="engine">The engine to run it in.</param>
    /// <param name="text">A <c>(module …)</c>, or the fields of one.</param>
    /// <param name="name">What backtraces call it; null for its own name.</param>
    /// <exception cref="WatException">The text isn't well-formed.</exception>
    /// <inheritdoc cref="FromBytes(Engine, ReadOnlySpan{byte}, string?)"/>
    public static Module FromText(Engine engine, string text, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FromBytes(engine, WatEncoder.Encode(Encoding.UTF8.GetBytes(text)), name);
    }

    /// <summary>Marks the module as unusable for further instances; those that exist go on.</summary>
    public void Dispose() => disposed = true;

    /// <summary>The name of a function in the name section; null if it has none.</summary>
    internal string? FunctionName(int function) => names.Value.FunctionName(function);

    /// <summary>The code for instances whose memories are all guarded, or aren't.</summary>
    internal ModuleCode CodeFor(AddressingMode addressing)
    {
        ref ModuleCode? code = ref addressing == AddressingMode.Guarded ? ref guarded : ref explicitlyChecked;
        return Volatile.Read(ref code) ?? Interlocked.CompareExchange(ref code, new ModuleCode(this, addressing), null) ?? code!;
    }

    /// <summary>The element of <see cref="Imports"/>.</summary>
    internal ModuleImport Import(int index)
    {
        ref readonly ImportDefinition import = ref Definition.Imports[index];
        return new ModuleImport(import.Module, import.Name, TypeOf(import.Kind, import.Index));
    }

    /// <summary>Finds an export's number.</summary>
    internal bool TryFindExport(string name, out int index) => exportIndices.Value.TryGetValue(name, out index);

    private static Module FromStream(Engine engine, Stream stream, string? name, string? fileName)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(engine.IsDisposed, engine);
        byte[] bytes = ReadAll(stream);
        if (!IsText(bytes)) return new Module(engine, bytes, name);
        return FromBytes(engine, WatEncoder.Encode(bytes, fileName), name);
    }

    private static byte[] ReadAll(Stream stream)
    {
        long expected = stream.CanSeek ? stream.Length - stream.Position : 0;
        if (expected > ModuleLimits.ModuleBytes) throw TooLarge();
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)Math.Max(expected, 1 << 12), pinned: true);
        int count = 0;
        while (true)
        {
            int read = stream.Read(bytes, count, bytes.Length - count);
            count += read;
            if (read == 0) break;
            if (count < bytes.Length) continue;
            int next = stream.ReadByte();
            if (next < 0) break;
            if (count >= ModuleLimits.ModuleBytes) throw TooLarge();
            byte[] larger = GC.AllocateUninitializedArray<byte>((int)Math.Min(count * 2L, ModuleLimits.ModuleBytes), pinned: true);
            bytes.AsSpan(0, count).CopyTo(larger);
            bytes = larger;
            bytes[count++] = (byte)next;
        }

        if (count == bytes.Length) return bytes;
        byte[] exact = GC.AllocateUninitializedArray<byte>(count, pinned: true);
        bytes.AsSpan(0, count).CopyTo(exact);
        return exact;
    }

    private static InvalidModuleException TooLarge() => new($"more than {ModuleLimits.ModuleBytes} bytes", 0);

    // A text begins with a parenthesis, a comment, white space or a byte order mark; a module with a zero byte. What is
    // neither is left to the decoder to refuse.
    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        return start.Length > 0 && start[0] is (byte)'(' or (byte)';' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
    }

    private Dictionary<string, int> IndexExports()
    {
        var indices = new Dictionary<string, int>(Definition.Exports.Length, StringComparer.Ordinal);
        for (int i = 0; i < Definition.Exports.Length; i++) indices.Add(Definition.Exports[i].Name, i);
        return indices;
    }

    // Loops, not LINQ: its instances over our structs would be compiled at every start of a process.
    private ModuleImport[] DescribeImports()
    {
        var described = new ModuleImport[Definition.Imports.Length];
        for (int i = 0; i < described.Length; i++) described[i] = Import(i);
        return described;
    }

    private ModuleExport[] DescribeExports()
    {
        var described = new ModuleExport[Definition.Exports.Length];
        for (int i = 0; i < described.Length; i++)
        {
            ref readonly ExportDefinition export = ref Definition.Exports[i];
            described[i] = new ModuleExport(export.Name, TypeOf(export.Kind, export.Index));
        }

        return described;
    }

    private ExternalType TypeOf(ExternalKind kind, int index) => kind switch
    {
        ExternalKind.Function => new ExternalType(Definition.Functions[index]),
        ExternalKind.Table => new ExternalType(Definition.Tables[index].Type),
        ExternalKind.Memory => new ExternalType(Definition.Memories[index]),
        ExternalKind.Global => new ExternalType(Definition.Globals[index].Type),
        _ => ExternalType.OfTag(Definition.Tags[index]),
    };
}
