// Loads and stores at an address that the caller has checked. Little endian, no alignment asked for.

using static System.BitConverter;
using static System.Buffers.Binary.BinaryPrimitives;
using static System.Runtime.CompilerServices.Unsafe;

namespace Anneal.Bytecode;

internal static unsafe partial class Semantics
{
    public static int I32Load(byte* address) => (int)Read32(address);

    public static long I64Load(byte* address) => (long)Read64(address);

    public static float F32Load(byte* address) => UInt32BitsToSingle(Read32(address));

    public static double F64Load(byte* address) => UInt64BitsToDouble(Read64(address));

    public static int I32Load8S(byte* address) => (sbyte)*address;

    public static int I32Load8U(byte* address) => *address;

    public static int I32Load16S(byte* address) => (short)Read16(address);

    public static int I32Load16U(byte* address) => Read16(address);

    public static long I64Load8S(byte* address) => (sbyte)*address;

    public static long I64Load8U(byte* address) => *address;

    public static long I64Load16S(byte* address) => (short)Read16(address);

    public static long I64Load16U(byte* address) => Read16(address);

    public static long I64Load32S(byte* address) => (int)Read32(address);

    public static long I64Load32U(byte* address) => Read32(address);

    public static void I32Store(byte* address, int value) => Write32(address, (uint)value);

    public static void I64Store(byte* address, long value) => Write64(address, (ulong)value);

    public static void F32Store(byte* address, float value) => Write32(address, SingleToUInt32Bits(value));

    public static void F64Store(byte* address, double value) => Write64(address, DoubleToUInt64Bits(value));

    public static void I32Store8(byte* address, int value) => *address = (byte)value;

    public static void I32Store16(byte* address, int value) => Write16(address, (ushort)value);

    public static void I64Store8(byte* address, long value) => *address = (byte)value;

    public static void I64Store16(byte* address, long value) => Write16(address, (ushort)value);

    public static void I64Store32(byte* address, long value) => Write32(address, (uint)value);

    private static ushort Read16(byte* address) =>
        IsLittleEndian ? ReadUnaligned<ushort>(address) : ReverseEndianness(ReadUnaligned<ushort>(address));

    private static uint Read32(byte* address) =>
        IsLittleEndian ? ReadUnaligned<uint>(address) : ReverseEndianness(ReadUnaligned<uint>(address));

    private static ulong Read64(byte* address) =>
        IsLittleEndian ? ReadUnaligned<ulong>(address) : ReverseEndianness(ReadUnaligned<ulong>(address));

    private static void Write16(byte* address, ushort value) =>
        WriteUnaligned(address, IsLittleEndian ? value : ReverseEndianness(value));

    private static void Write32(byte* address, uint value) =>
        WriteUnaligned(address, IsLittleEndian ? value : ReverseEndianness(value));

    private static void Write64(byte* address, ulong value) =>
        WriteUnaligned(address, IsLittleEndian ? value : ReverseEndianness(value));
}
