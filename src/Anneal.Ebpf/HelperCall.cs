namespace Anneal.Ebpf;

/// <summary>The arguments of one call of a host's helper; valid during the call only.</summary>
public readonly unsafe ref struct HelperCall
{
    private readonly HelperPrototype prototype;
    private readonly ulong* arguments;

    internal HelperCall(HelperPrototype prototype, EbpfMap? map, ulong* arguments)
    {
        this.prototype = prototype;
        this.arguments = arguments;
        Map = map;
    }

    /// <summary>The map argument, if the prototype has one.</summary>
    public EbpfMap? Map { get; }

    /// <summary>An argument as a number; 0 is r1.</summary>
    public ulong this[int index] => (uint)index < HelperPrototype.MaxArguments ? arguments[index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>The memory that an argument points to: as many bytes as the prototype says. Writable where it says so.</summary>
    /// <exception cref="ArgumentException">The argument isn't memory.</exception>
    public Span<byte> Memory(int index)
    {
        int bytes = prototype.Argument(index) switch
        {
            ArgumentType.MapKey => Map!.KeySize,
            ArgumentType.MapValue or ArgumentType.UninitializedMapValue => Map!.ValueSize,
            ArgumentType.UninitializedInt32 => sizeof(int),
            ArgumentType.UninitializedInt64 => sizeof(long),
            ArgumentType.ReadableMemory or ArgumentType.ReadableMemoryOrNull or ArgumentType.WritableMemory
                or ArgumentType.UninitializedMemory or ArgumentType.UninitializedMemoryOrNull => checked((int)arguments[index + 1]),
            _ => throw new ArgumentException($"argument {index + 1} of {prototype.Name} isn't memory", nameof(index)),
        };
        return new Span<byte>((void*)arguments[index], arguments[index] == 0 ? 0 : bytes);
    }
}
