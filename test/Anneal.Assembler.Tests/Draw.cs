// Random arguments for an emitter method, and the text that each argument must be read back as.

namespace Anneal.Assembler.Tests;

/// <summary>An argument, and how a disassembler shows it for a format such as "s" or "x/64".</summary>
internal sealed record Drawn(object Value, Func<string, string> Show)
{
    /// <summary>Bytes of displacement that the shortest encoding has, or -1 where that isn't a matter of choice.</summary>
    public int DisplacementBytes { get; init; } = -1;
}

internal sealed class Draw(Random random, CodeBuffer code, string sizes)
{
    private static readonly int[] s_edges =
    [
        0, 1, -1, 127, 128, 129, -127, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536,
        int.MaxValue, int.MinValue,
    ];

    private static readonly string[][] s_gprNames =
    [
        ["al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"], ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"],
        ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"], ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"],
    ];

    private readonly List<Size> _sizes = [];
    private VectorLength _length;

    /// <summary>A label bound before the instruction, and one to be bound behind it.</summary>
    public Label Backward { get; init; }

    public Label Forward { get; init; }

    /// <summary>Set once the forward label is bound.</summary>
    public int ForwardOffset { get; set; }

    public long Origin { get; init; }

    public static string GprName(Gpr register, Size size) => (int)register < 8
        ? s_gprNames[(int)size][(int)register]
        : $"r{(int)register}" + size switch { Size.Byte => "b", Size.Word => "w", Size.Dword => "d", _ => "" };

    public Drawn Of(Type type, string format)
    {
        if (type == typeof(Size))
        {
            Size size = (Size)"bwdq".IndexOf(sizes[random.Next(sizes.Length)], StringComparison.Ordinal);
            _sizes.Add(size);
            return new Drawn(size, _ => throw new InvalidOperationException());
        }
        if (type == typeof(VectorLength))
        {
            _length = (VectorLength)random.Next(2);
            return new Drawn(_length, _ => throw new InvalidOperationException());
        }
        if (type == typeof(Gpr))
            return OfGpr();
        if (type == typeof(Xmm))
            return OfXmm();
        if (type == typeof(Mem))
            return OfMem();
        if (type == typeof(RegMem))
            return random.Next(3) == 0 ? Wrap(OfGpr(), value => (RegMem)(Gpr)value) : Wrap(OfMem(), value => (RegMem)(Mem)value);
        if (type == typeof(XmmMem))
            return random.Next(3) == 0 ? Wrap(OfXmm(), value => (XmmMem)(Xmm)value) : Wrap(OfMem(), value => (XmmMem)(Mem)value);
        if (type == typeof(Condition))
        {
            var condition = (Condition)random.Next(16);
            return new Drawn(condition, _ => condition.ToString().ToLowerInvariant());
        }
        if (type == typeof(Label))
            return OfLabel();
        if (type == typeof(nint))
        {
            // Anything within reach, the very ends of the reach now and then.
            long target = random.Next(8) switch
            {
                0 => Origin + int.MinValue + 512,
                1 => Origin + int.MaxValue,
                _ => Origin + random.Next(int.MinValue + 512, int.MaxValue - 512),
            };
            return new Drawn((nint)target, _ => Disassembly.At(target - Origin));
        }
        if (type == typeof(byte))
        {
            byte value = (byte)random.Next(256);
            return new Drawn(value, _ => Disassembly.Number((sbyte)value));
        }
        if (type == typeof(ushort))
        {
            ushort value = (ushort)random.Next(65536);
            return new Drawn(value, _ => Disassembly.Number((short)value));
        }
        if (type == typeof(long))
        {
            long value = random.Next(3) == 0 ? Edge() : random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(63);
            return new Drawn(value, _ => Disassembly.Number(value));
        }
        if (type == typeof(int))
            return OfInt(format);
        throw new NotSupportedException($"No random values of {type}.");
    }

    private Size SizeOf(char name, string format) => name switch
    {
        'b' => Size.Byte,
        'w' => Size.Word,
        'd' => Size.Dword,
        'q' => Size.Qword,
        _ => _sizes[format is [_, '1', ..] ? 1 : 0],
    };

    private Drawn OfInt(string format)
    {
        int value = format switch
        {
            "c" => random.Next(_sizes[0] == Size.Qword ? 64 : 32),
            "t" => random.Next(8 << (int)_sizes[0]),
            "is" when _sizes[0] == Size.Byte => random.Next(-128, 256),
            "is" when _sizes[0] == Size.Word => Fit(random.Next(3) == 0 ? Edge() : random.Next(-32768, 65536)),
            _ => random.Next(3) == 0 ? Edge() : random.Next(int.MinValue, int.MaxValue) >> random.Next(31),
        };
        return new Drawn(value, _ => Disassembly.Number(format == "is" ? Signed(_sizes[0], value) : value));

        static int Fit(int edge) => edge is < -32768 or > 65535 ? (short)edge : edge;
    }

    public static long Signed(Size size, int value) =>
        size switch { Size.Byte => (sbyte)value, Size.Word => (short)value, _ => value };

    private int Edge() => s_edges[random.Next(s_edges.Length)];

    private Drawn OfGpr()
    {
        var register = (Gpr)random.Next(16);
        return new Drawn(register, format => GprName(register, SizeOf(format[0], format)));
    }

    private Drawn OfXmm()
    {
        var register = (Xmm)random.Next(16);
        return new Drawn(register, format =>
            (format[0] == 'y' || (format[0] == 'v' && _length == VectorLength.V256) ? "ymm" : "xmm") + (int)register);
    }

    private Drawn OfLabel()
    {
        if (random.Next(2) == 0)
            return new Drawn(Backward, format => Address(format, code.OffsetOf(Backward)));
        return new Drawn(Forward, format => Address(format, ForwardOffset));

        string Address(string format, int offset) =>
            format == "address" ? Disassembly.Number(Origin + offset) : Disassembly.At(offset);
    }

    private Drawn OfMem()
    {
        var baseRegister = (Gpr)random.Next(16);
        Gpr index;
        do
            index = (Gpr)random.Next(16);
        while (index == Gpr.Rsp);
        int scale = 1 << random.Next(4);
        int displacement = random.Next(3) switch
        {
            0 => 0,
            1 => Edge(),
            _ => random.Next(int.MinValue, int.MaxValue) >> random.Next(31),
        };
        string baseName = GprName(baseRegister, Size.Qword), indexName = GprName(index, Size.Qword);
        bool needsByte = baseRegister is Gpr.Rbp or Gpr.R13;
        int bytes = displacement == 0 && !needsByte ? 0 : displacement is >= -128 and <= 127 ? 1 : 4;
        switch (random.Next(8))
        {
            case 0:
                Drawn label = OfLabel();
                return new Drawn(Mem.Rip((Label)label.Value), format => $"{Width(format)}[{label.Show("@")}]");
            case 1:
                return new Drawn(Mem.AtIndex(index, scale, displacement),
                    format => Disassembly.Memory(Width(format), null, indexName, scale, displacement)) { DisplacementBytes = 4 };
            case 2 or 3 or 4:
                return new Drawn(Mem.At(baseRegister, displacement),
                    format => Disassembly.Memory(Width(format), baseName, null, 1, displacement)) { DisplacementBytes = bytes };
            default:
                return new Drawn(Mem.At(baseRegister, index, scale, displacement),
                    format => Disassembly.Memory(Width(format), baseName, indexName, scale, displacement))
                {
                    DisplacementBytes = bytes,
                };
        }
    }

    private string Width(string format)
    {
        int slash = format.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
            return "m" + format[(slash + 1)..];
        int vector = _length == VectorLength.V256 ? 256 : 128;
        return "m" + format[0] switch
        {
            'v' => vector,
            'h' => vector / 2,
            'f' => vector / 4,
            'e' => vector / 8,
            'x' => 128,
            'y' => 256,
            _ => 8 << (int)SizeOf(format[0], format),
        };
    }

    private static Drawn Wrap(Drawn inner, Func<object, object> convert) => inner with { Value = convert(inner.Value) };
}
