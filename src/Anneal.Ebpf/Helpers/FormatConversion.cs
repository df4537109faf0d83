namespace Anneal.Ebpf.Helpers;

/// <summary>What a conversion prints.</summary>
internal enum FormatKind : byte
{
    /// <summary>%d, %i: a signed number.</summary>
    Signed,

    /// <summary>%u.</summary>
    Unsigned,

    /// <summary>%x.</summary>
    Hexadecimal,

    /// <summary>%X.</summary>
    UpperHexadecimal,

    /// <summary>%o.</summary>
    Octal,

    /// <summary>%c: a byte.</summary>
    Character,

    /// <summary>%p, %px, %pK: sixteen hexadecimal digits.</summary>
    Address,

    /// <summary>%ps, %pS, %pB: the symbol at an address. There are none here, so it's the address after 0x.</summary>
    Symbol,

    /// <summary>%s, %pks, %pus: the text that the value points to.</summary>
    Text,

    /// <summary>%pI4, %pi4: the four bytes that the value points to.</summary>
    Ipv4,

    /// <summary>%pI6, %pi6: the sixteen bytes that the value points to.</summary>
    Ipv6,
}

/// <summary>One conversion of a format text.</summary>
internal struct FormatConversion
{
    public FormatKind Kind;

    /// <summary>Bits of the value that count.</summary>
    public int Bits;

    /// <summary>The fewest characters.</summary>
    public int Width;

    /// <summary>The most bytes of a text; -1 if the format doesn't say.</summary>
    public int Precision;

    /// <summary>The flags of these characters.</summary>
    public bool Zero, Left, Plus, Space, Alternate;

    /// <summary>%pi4 and %pi6: with all digits, and without colons.</summary>
    public bool IsPlainAddress;

    /// <summary>Whether the value is an address whose memory is printed.</summary>
    public readonly bool ReadsMemory => Kind >= FormatKind.Text;
}
