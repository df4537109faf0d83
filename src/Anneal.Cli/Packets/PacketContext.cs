// What a network stack would say of a packet in the fields of a socket buffer: its length and protocol. Programs that look at these
// first would do nothing otherwise.

using System.Buffers.Binary;
using Anneal.Ebpf;

namespace Anneal.Cli.Packets;

/// <summary>Contexts of packets from captures.</summary>
internal static class PacketContext
{
    private const int EthernetHeader = 14;
    private const int EthernetProtocol = 12;

    /// <summary>Fills the context for a run over a packet; empty where the type has no such fields.</summary>
    public static void Fill(ProgramType type, Packet packet, ref byte[] context)
    {
        if (type.Context is not { } layout) return;
        if (layout.Fields is [{ Name: "arg0" }, ..])
        {
            // No packet, but the event itself.
            if (packet.Data.Length > layout.Size) throw new CommandFailedException($"an event of {packet.Data.Length} bytes, where programs of type {type.Name} know {layout.Size}");
            if (context.Length == 0) context = new byte[layout.Size];
            Array.Clear(context);
            packet.Data.CopyTo(context, 0);
            return;
        }

        if (layout.Find(0, sizeof(uint)) is not { Name: "len" }) return;
        if (context.Length == 0) context = new byte[layout.Size];
        Array.Clear(context);
        Set("len", packet.Data.Length, layout, context);
        Set("wire_len", (int)packet.OriginalLength, layout, context);
        if (packet.Data.Length >= EthernetHeader) Set("protocol", BinaryPrimitives.ReadUInt16LittleEndian(packet.Data.AsSpan(EthernetProtocol)), layout, context);
    }

    private static void Set(string name, int value, ContextLayout layout, Span<byte> context)
    {
        foreach (ContextField field in layout.Fields)
        {
            if (field.Name == name) BinaryPrimitives.WriteInt32LittleEndian(context[field.Offset..], value);
        }
    }
}
