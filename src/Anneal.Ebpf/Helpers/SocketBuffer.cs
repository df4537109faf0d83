// What the helpers of socket buffers share: the fields of the context that they read and change, where headers are, making room in a
// packet and taking it away. A classifier's packet starts with its Ethernet header; a control group's with the network header.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Anneal.Ebpf.Maps;
using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf.Helpers;

/// <summary>The packet of a run as a socket buffer.</summary>
internal static unsafe class SocketBuffer
{
    public const int EthernetBytes = 14, TypeOffset = 12, VlanBytes = 4;
    public const int Ipv4Bytes = 20, Ipv6Bytes = 40;

    // In memory order, as fields and packets have them.
    public const ushort Ipv4 = 0x0008, Ipv6 = 0xDD86, Vlan = 0x0081, ServiceVlan = 0xA888;

    /// <summary>The length.</summary>
    public static int Length(RunContext run) => (int)(run.DataEnd - run.Data);

    /// <summary>A context field, by the place and name that socket buffers have it under; null where the program's type has none such.</summary>
    public static uint* Field(RunContext run, int offset, string name) =>
        run.Program.Type.Context?.Find(offset, sizeof(uint)) is { Kind: ContextFieldKind.Scalar } field && field.Name == name ? (uint*)(run.Context + offset) : null;

    /// <summary>Sets a context field if there's one.</summary>
    public static void SetField(RunContext run, int offset, string name, uint value)
    {
        uint* field = Field(run, offset, name);
        if (field != null) *field = value;
    }

    /// <summary>The hash, as the context says.</summary>
    public static uint* Hash(RunContext run) => Field(run, 68, "hash");

    /// <summary>The packet's protocol: what the context says, or the Ethernet header where it says nothing.</summary>
    public static ushort Protocol(RunContext run)
    {
        uint* field = Field(run, 16, "protocol");
        if (field != null && *field != 0) return (ushort)*field;
        return Length(run) >= EthernetBytes ? Unsafe.ReadUnaligned<ushort>(run.Data + TypeOffset) : (ushort)0;
    }

    /// <summary>Sets the protocol that the context says.</summary>
    public static void SetProtocol(RunContext run, ushort protocol) => SetField(run, 16, "protocol", protocol);

    /// <summary>Where the network header is.</summary>
    public static int NetworkOffset(RunContext run) => run.Program.Type.Name == ProgramTypes.Classifier.Name ? EthernetBytes : 0;

    /// <summary>Brings the context's length up to date.</summary>
    public static void SetLength(RunContext run) => SetField(run, 0, "len", (uint)Length(run));

    /// <summary>Puts zeros into the packet; 0 or a negative error number.</summary>
    public static long Insert(RunContext run, int at, int bytes)
    {
        if (at > Length(run) || !run.MoveStart(-(long)bytes)) return MapError.NoMemory;
        new ReadOnlySpan<byte>(run.Data + bytes, at).CopyTo(new Span<byte>(run.Data, at));
        new Span<byte>(run.Data + at, bytes).Clear();
        SetLength(run);
        return MapError.None;
    }

    /// <summary>Takes bytes out of the packet; 0 or a negative error number.</summary>
    public static long Remove(RunContext run, int at, int bytes)
    {
        if (at + bytes > Length(run)) return MapError.NoMemory;
        new ReadOnlySpan<byte>(run.Data, at).CopyTo(new Span<byte>(run.Data + bytes, at));
        if (!run.MoveStart(bytes)) return MapError.NoMemory;
        SetLength(run);
        return MapError.None;
    }

    /// <summary>A hash of the packet's flow: the same for both directions.</summary>
    public static uint FlowHash(RunContext run)
    {
        int offset = NetworkOffset(run), length = Length(run);
        byte* data = run.Data;
        ushort type = offset == 0 ? (ushort)0 : Protocol(run);
        for (; type is Vlan or ServiceVlan && offset + VlanBytes <= length; offset += VlanBytes) type = Unsafe.ReadUnaligned<ushort>(data + offset + 2);
        if (type == 0 && offset < length) type = data[offset] >> 4 == 6 ? Ipv6 : Ipv4;
        bool six = type == Ipv6;
        int header = six ? Ipv6Bytes : Ipv4Bytes;
        if (type is not (Ipv4 or Ipv6) || length - offset < header) return Mix(type, 0, 0);
        var source = new ReadOnlySpan<byte>(data + offset + (six ? 8 : 12), six ? 16 : 4);
        var target = new ReadOnlySpan<byte>(data + offset + (six ? 24 : 16), six ? 16 : 4);
        int protocol = data[offset + (six ? 6 : 9)];
        bool isFragment = !six && (BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(data + offset + 6, 2)) & 0x3FFF) != 0;
        int ports = offset + (six ? Ipv6Bytes : (data[offset] & 15) * 4);
        uint first = 0, second = 0;
        if (protocol is 6 or 17 or 132 && !isFragment && length - ports >= 4)
        {
            first = Unsafe.ReadUnaligned<ushort>(data + ports);
            second = Unsafe.ReadUnaligned<ushort>(data + ports + 2);
        }

        uint one = HashOf(source, first), other = HashOf(target, second);
        return Mix((uint)protocol, Math.Min(one, other), Math.Max(one, other));
    }

    private static uint HashOf(ReadOnlySpan<byte> address, uint port)
    {
        uint hash = Mix(port, 0x5F0D, (uint)address.Length);
        for (; address.Length >= 4; address = address[4..]) hash = Mix(hash, BinaryPrimitives.ReadUInt32LittleEndian(address), 1);
        return hash;
    }

    // Never 0, which says that there's none.
    private static uint Mix(uint a, uint b, uint c)
    {
        ulong value = ((((ulong)a << 32) | b) ^ 0x9E37_79B9_7F4A_7C15) * (0xD6E8_FEB8_6659_FD93 + ((ulong)c << 1));
        value ^= value >> 32;
        value *= 0xD6E8_FEB8_6659_FD93;
        return (uint)(value >> 32) | 1;
    }
}
