// The literal of `v128.const`: a shape and as many lanes as it has. Read for instructions and for script values.

using System.Buffers.Binary;

namespace Anneal.Wasm.Text;

internal static class WatVectorLiteral
{
    /// <summary>A shape and its lanes into 16 bytes, the first lane first.</summary>
    public static void Read(WatCursor cursor, Span<byte> bytes)
    {
        WatVectorShape shape = Shape(cursor);
        int laneSize = shape.LaneSize();
        for (int at = 0; at < 16; at += laneSize)
        {
            if (cursor.NextKind is not (WatTokenKind.Number or WatTokenKind.Keyword))
            {
                throw cursor.NextKind == WatTokenKind.Reserved
                    ? cursor.Unexpected()
                    : cursor.Error("wrong number of lane literals");
            }
            Span<byte> lane = bytes[at..];
            switch (shape)
            {
                case WatVectorShape.F32x4:
                    BinaryPrimitives.WriteUInt32LittleEndian(lane, cursor.Float32());
                    break;
                case WatVectorShape.F64x2:
                    BinaryPrimitives.WriteUInt64LittleEndian(lane, cursor.Float64());
                    break;
                default:
                    ulong value = cursor.Integer(laneSize * 8);
                    for (int i = 0; i < laneSize; i++)
                        lane[i] = (byte)(value >> (8 * i));
                    break;
            }
        }
    }

    public static WatVectorShape Shape(WatCursor cursor)
    {
        if (cursor.TryKeyword("i8x16"u8)) return WatVectorShape.I8x16;
        if (cursor.TryKeyword("i16x8"u8)) return WatVectorShape.I16x8;
        if (cursor.TryKeyword("i32x4"u8)) return WatVectorShape.I32x4;
        if (cursor.TryKeyword("i64x2"u8)) return WatVectorShape.I64x2;
        if (cursor.TryKeyword("f32x4"u8)) return WatVectorShape.F32x4;
        if (cursor.TryKeyword("f64x2"u8)) return WatVectorShape.F64x2;
        throw cursor.Unexpected();
    }
}
