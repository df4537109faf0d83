// The packet of a run. Pointers are host addresses; a sandboxed program sees them moved to GuestAddresses.Packet, at the same
// distances.
//
// The packet is used where the host has it, until the program moves one of its ends: then it's copied, with room around it. Both kinds
// of programs can bear that: a verified one has lost all its packet pointers with the call, a sandboxed one has guest
// addresses only. Between the outer bounds (first, last) the ends can move.

using System.Runtime.InteropServices;
using Anneal.Runtime;

namespace Anneal.Ebpf.Runtime;

internal sealed unsafe partial class RunContext
{
    /// <summary>Bytes that a program can put before a packet.</summary>
    public const int Headroom = 256;

    /// <summary>Bytes that a program can put behind a packet.</summary>
    public const int Tailroom = 320;

    private byte* packetBuffer;
    private int packetBufferBytes;
    private byte* first;
    private byte* last;
    private byte* meta;
    private byte* data;
    private byte* dataEnd;
    private byte* origin;
    private Section packetSection;

    /// <summary>The packet's first byte.</summary>
    public byte* Data => data;

    /// <summary>The address after the packet's last byte.</summary>
    public byte* DataEnd => dataEnd;

    /// <summary>The start of the metadata before the packet; the packet's start if there's none.</summary>
    public byte* Meta => meta;

    /// <summary>Whether the packet is the run's own copy.</summary>
    public bool HasOwnPacket => first != null;

    /// <summary>Copies a packet, with room to move its ends, to where the run has it until it ends.</summary>
    public byte* CopyPacket(ReadOnlySpan<byte> packet)
    {
        int needed = Headroom + packet.Length + Tailroom;
        if (packetBufferBytes < needed)
        {
            if (packetBuffer != null) NativeMemory.Free(packetBuffer);
            packetBuffer = null;
            packetBufferBytes = 0;
            packetBuffer = (byte*)NativeMemory.AllocZeroed((nuint)needed);
            packetBufferBytes = needed;
        }

        new Span<byte>(packetBuffer, Headroom).Clear();
        packet.CopyTo(new Span<byte>(packetBuffer + Headroom, packet.Length));
        new Span<byte>(packetBuffer + Headroom + packet.Length, Tailroom).Clear();
        return packetBuffer + Headroom;
    }

    /// <summary>Moves the packet's start; false if it would leave its bounds or cross the end. Metadata goes.</summary>
    public bool MoveStart(long distance)
    {
        Own();
        if (distance < first - data || distance > dataEnd - data) return false;
        data += distance;
        meta = data;
        PublishPacket();
        return true;
    }

    /// <summary>Moves the packet's end; new bytes are zero. False if it would leave its bounds or cross the start.</summary>
    public bool MoveEnd(long distance)
    {
        Own();
        if (distance > last - dataEnd || distance < data - dataEnd) return false;
        byte* moved = dataEnd + distance;
        if (distance > 0) new Span<byte>(dataEnd, (int)distance).Clear();
        dataEnd = moved;
        PublishPacket();
        return true;
    }

    /// <summary>Moves the start of the metadata; false if there'd be more than 32 bytes of it, no multiple of 4, or it would leave the bounds.</summary>
    public bool MoveMeta(long distance)
    {
        const int MaxMeta = 32;
        Own();
        if (distance < first - meta || distance > data - meta) return false;
        byte* moved = meta + distance;
        if (data - moved > MaxMeta || (data - moved) % 4 != 0) return false;
        meta = moved;
        PublishPacket();
        return true;
    }

    private void SetPacket(byte* start, int length)
    {
        bool isCopy = packetBuffer != null && start == packetBuffer + Headroom;
        origin = meta = data = start;
        dataEnd = start + length;
        first = isCopy ? packetBuffer : null;
        last = isCopy ? dataEnd + Tailroom : null;
    }

    // Makes the packet the run's own.
    private void Own()
    {
        if (HasOwnPacket) return;
        int length = (int)(dataEnd - data);
        SetPacket(CopyPacket(new ReadOnlySpan<byte>(data, length)), length);
        PublishPacket();
    }

    /// <summary>Writes where the packet is to the context block, and to the sections of a sandboxed program.</summary>
    public void PublishPacket()
    {
        if (Program.IsSandboxed) PublishSection();
        PublishPointers();
    }

    private void PublishSection()
    {
        var section = new Section(Guest(meta), (ulong)(dataEnd - meta), (nint)meta, IsWritable: true);
        if (section == packetSection) return;
        if (packetSection.Length != 0) Sections.Remove(Execution, packetSection.Lower);
        packetSection = default;
        Sections.Add(section);
        packetSection = section;
    }

    private void PublishPointers()
    {
        LoadedProgram current = Program;
        foreach (PointerField field in current.Pointers)
        {
            byte* pointer = field.Kind == ContextFieldKind.Packet ? data : field.Kind == ContextFieldKind.PacketEnd ? dataEnd : meta;
            if (current.IsSandboxed) *(uint*)(block + field.Offset) = (uint)Guest(pointer);
            else *(byte**)(block + field.Offset) = pointer;
        }
    }

    // A packet's start before it was moved is at a fixed guest address.
    private ulong Guest(byte* pointer) => GuestAddresses.Packet + (ulong)(pointer - origin);
}
