// Truncations and byte flips of modules that are well formed: decoding and validation end with a typed exception or none,
// never with anything else. Real modules from the guests folder are used where there are any.

using Anneal.Wasm.Binary;
using Anneal.Wasm.Validation;
using Xunit;
using static Anneal.Wasm.Tests.Binary.ModuleBytes;

namespace Anneal.Wasm.Tests.Binary;

public sealed class HostileModuleTests
{
    private const int LargestGuest = 200_000;

    public static IEnumerable<object[]> Modules()
    {
        yield return ["hand-made", Rich()];
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Anneal.slnx"))) root = root.Parent;
        string guests = Path.Combine(root?.FullName ?? ".", "guests");
        if (!Directory.Exists(guests)) yield break;
        IEnumerable<FileInfo> files = new DirectoryInfo(guests).EnumerateFiles("*.wasm", SearchOption.AllDirectories);
        foreach (FileInfo file in files.Where(static f => f.Length < LargestGuest).OrderBy(static f => f.Length).Take(8))
            yield return [file.Name, File.ReadAllBytes(file.FullName)];
    }

    [Theory]
    [MemberData(nameof(Modules))]
    public void Every_truncation_is_refused_or_valid(string name, byte[] module)
    {
        int step = Math.Max(1, module.Length / 2000);
        for (int length = 0; length < module.Length; length += step) TryLoad(module[..length], $"{name}, first {length} bytes");
    }

    [Theory]
    [MemberData(nameof(Modules))]
    public void Random_changes_are_refused_or_valid(string name, byte[] module)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        int rounds = Math.Clamp(20_000_000 / module.Length, 100, 4000);
        for (int round = 0; round < rounds; round++)
        {
            byte[] changed = (byte[])module.Clone();
            int changes = 1 + random.Next(4);
            for (int i = 0; i < changes; i++)
            {
                int at = random.Next(changed.Length);
                changed[at] = random.Next(3) switch
                {
                    0 => (byte)random.Next(256),
                    1 => (byte)(changed[at] ^ (1 << random.Next(8))),
                    _ => (byte)(random.Next(2) == 0 ? 0xFF : 0x80),
                };
            }

            TryLoad(changed, $"{name}, seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Random_bodies_are_refused_or_valid()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        OpcodeInfo[] rows = WasmOpcodes.Rows.ToArray();
        for (int round = 0; round < 20_000; round++)
        {
            // Opcodes that exist, small immediates: most get past the first instruction.
            // In half of the bodies every operand is there, in the other half the stack is unreachable.
            var body = new List<byte>();
            if (random.Next(2) == 0) body.Add(0x00);
            else body.AddRange([0x20, 0, 0x20, 0, 0x42, 0, 0x20, 0]);
            int count = random.Next(40);
            for (int i = 0; i < count; i++)
            {
                OpcodeInfo row = rows[random.Next(rows.Length)];
                if ((int)row.Opcode > 255) body.Add(0xFC);
                body.Add((byte)row.Opcode);
                int immediates = random.Next(4) == 0 ? random.Next(10) : row.Immediate == ImmediateKind.None ? 0 : 2;
                for (int j = 0; j < immediates; j++) body.Add((byte)random.Next(random.Next(8) == 0 ? 256 : 3));
            }

            TryLoad(Function([0x7F], [0x7F], [.. body]), $"seed {seed}, round {round}");
        }
    }

    private static void TryLoad(byte[] bytes, string what)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string fast = Load(bytes, new ValidationOptions { MaxDegreeOfParallelism = 1 }, what);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < (64L * bytes.Length) + (1 << 20), $"{what}: {allocated} bytes allocated for a module of {bytes.Length}");
        string slow = Load(bytes, new ValidationOptions { MaxDegreeOfParallelism = 1, SlowPathOnly = true }, what);
        Assert.True(fast == slow, $"{what}: \"{fast}\" by the fast path, \"{slow}\" by the general one");
    }

    // The fault's message, or nothing if there is none.
    private static string Load(byte[] bytes, ValidationOptions options, string what)
    {
        try
        {
            ModuleDefinition module = ModuleDecoder.Decode(bytes, new TypeRegistry());
            ModuleValidator.Validate(module, options);
            NameSection.Read(module);
            return "";
        }
        catch (WasmException exception) when (exception is MalformedModuleException or InvalidModuleException or UnsupportedFeatureException)
        {
            return exception.Message;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(what, exception);
        }
    }

    // A bit of everything.
    private static byte[] Rich() => new ModuleBytes()
        .Section(1, Vector([0x60, 0, 0], [0x60, 2, 0x7F, 0x7E, 1, 0x7F], [0x60, 1, 0x63, 0, 1, 0x64, 0]))
        .Section(2, Vector([.. Name("env"), .. Name("log"), 0, 0], [.. Name("env"), .. Name("g"), 3, 0x7F, 0]))
        .Section(3, Vector([0], [1], [2]))
        .Section(4, Vector([0x70, 1, 2, 9], [0x40, 0, 0x63, 0, 0, 1, 0xD2, 1, 0x0B]))
        .Section(5, Vector([1, 1, 2], [0, 0]))
        .Section(13, Vector([0, 0]))
        .Section(6, Vector([0x7F, 1, 0x23, 0, 0x41, 1, 0x6A, 0x0B], [0x70, 0, 0xD2, 2, 0x0B]))
        .Section(7, Vector([.. Name("run"), 0, 2], [.. Name("memory"), 2, 0], [.. Name("table"), 1, 0]))
        .Section(8, 1)
        .Section(9, Vector([0, 0x41, 0, 0x0B, 2, 1, 2], [5, 0x70, 1, 0xD0, 0x70, 0x0B]))
        .Section(12, 2)
        .Section(10, Vector(
            Sized(0, 0x41, 0, 0x11, 0, 0, 0xD0, 0, 0x14, 0, 0x0B),
            Sized(2, 2, 0x7F, 1, 0x7C, 0x02, 0x7F, 0x20, 0, 0x04, 0x7F, 0x41, 1, 0x05, 0x20, 1, 0xA7, 0x0B, 0x22, 2, 0x20, 0, 0x0E, 2, 0, 1, 0, 0x0B, 0x41, 0, 0x28, 2, 0x80, 1, 0x6A, 0x0B),
            Sized(1, 1, 0x64, 0x70, 0xD2, 1, 0x21, 1, 0x41, 0, 0x41, 0, 0x41, 0, 0xFC, 8, 0, 0, 0x20, 0, 0xD4, 0x0B)))
        .Section(11, Vector([0, 0x41, 0, 0x0B, .. Sized(1, 2, 3)], [1, .. Sized(4, 5)]))
        .Section(0, [.. Name("name"), 0, .. Sized(Name("m")), 1, .. Sized(Vector([0, .. Name("log")], [1, .. Name("start")]))])
        .ToArray();

    [Fact]
    public void The_hand_made_module_is_valid() => ModuleBytes.Load(Rich());
}
