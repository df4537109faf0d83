// Guest pointers are untrusted 32-bit numbers. GuestMemory is the only way in which the WASI functions touch guest memory:
// each access names an address and a length, and is checked against the memory's size in 64-bit arithmetic, so that
// no sum can wrap. A miss raises GuestMemoryFaultException, which WasiImport turns into errno `fault`.

using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Anneal.Wasm.Wasi;

/// <summary>A bounds-checked view of a guest's linear memory for the length of one call.</summary>
/// <param name="start">The memory's first byte; it must stay mapped and in place during the call.</param>
/// <param name="length">The memory's size in bytes; it may be more than 2 GiB.</param>
internal readonly unsafe struct GuestMemory(byte* start, ulong length)
{
    /// <summary>The memory's size in bytes.</summary>
    public ulong Length => length;

    /// <summary>The host address of a range, for system calls. Ranges over 2 GiB are allowed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Pointer(ulong address, ulong size)
    {
        if (address > length || size > length - address) Fault(address, size);
        return start + address;
    }

    /// <summary>The bytes of a range. A range longer than a span can hold is refused as a fault.</summary>
    public Span<byte> Slice(uint address, uint size)
    {
        byte* first = Pointer(address, size);
        if (size > int.MaxValue) Fault(address, size);
        return new Span<byte>(first, (int)size);
    }

    public byte ReadUInt8(uint address) => *Pointer(address, 1);

    public ushort ReadUInt16(uint address) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(address, 2));

    public uint ReadUInt32(uint address) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(address, 4));

    public ulong ReadUInt64(uint address) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(address, 8));

    public void WriteUInt8(uint address, byte value) => *Pointer(address, 1) = value;

    public void WriteUInt16(uint address, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Slice(address, 2), value);

    public void WriteUInt32(uint address, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Slice(address, 4), value);

    public void WriteUInt64(uint address, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Slice(address, 8), value);

    [DoesNotReturn]
    private void Fault(ulong address, ulong size) => throw new GuestMemoryFaultException(address, size, length);
}
