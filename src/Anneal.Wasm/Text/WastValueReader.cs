// Reads the constants of a script, behind their opening parenthesis and up to their closing one. Null means a form that is
// not known, which makes the command unsupported.

using System.Buffers.Binary;
using System.Text;

namespace Anneal.Wasm.Text;

internal static class WastValueReader
{
    public static WastValue? Argument(WatCursor cursor)
    {
        if (TryNumber(cursor, out WastValueKind kind, out ulong bits))
            return new WastValue(kind, bits, 0, null);
        if (cursor.TryKeyword("v128.const"u8))
        {
            Span<byte> bytes = stackalloc byte[16];
            WatVectorLiteral.Read(cursor, bytes);
            return new WastValue(WastValueKind.V128, BinaryPrimitives.ReadUInt64LittleEndian(bytes),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]), null);
        }
        if (cursor.TryKeyword("ref.null"u8))
            return new WastValue(WastValueKind.RefNull, 0, 0, HeapType(cursor));
        if (cursor.TryKeyword("ref.extern"u8))
            return new WastValue(WastValueKind.RefExtern, cursor.U32(), 0, null);
        if (cursor.TryKeyword("ref.host"u8))
            return new WastValue(WastValueKind.RefHost, cursor.U32(), 0, null);
        return null;
    }

    public static WastExpected? Expected(WatCursor cursor) =>
        cursor.TryKeyword("either"u8) ? Either(cursor) : ExpectedOne(cursor);

    private static WastExpectedEither? Either(WatCursor cursor)
    {
        var options = new List<WastExpected>();
        while (cursor.TryTake(WatTokenKind.LeftParen))
        {
            if (ExpectedOne(cursor) is not { } option)
                return null;
            options.Add(option);
            cursor.Close();
        }
        return new WastExpectedEither(options);
    }

    private static WastExpected? ExpectedOne(WatCursor cursor)
    {
        if (cursor.TryKeyword("f32.const"u8))
            return Float(cursor, WastValueKind.F32);
        if (cursor.TryKeyword("f64.const"u8))
            return Float(cursor, WastValueKind.F64);
        if (TryNumber(cursor, out WastValueKind kind, out ulong bits))
            return new WastExpectedNumber(kind, bits);
        return cursor.TryKeyword("v128.const"u8) ? Vector(cursor) : Reference(cursor);
    }

    private static WastExpectedVector Vector(WatCursor cursor)
    {
        WatVectorShape shape = WatVectorLiteral.Shape(cursor);
        int size = shape.LaneSize();
        var lanes = new WastExpected[16 / size];
        for (int i = 0; i < lanes.Length; i++)
        {
            lanes[i] = shape switch
            {
                WatVectorShape.F32x4 => Float(cursor, WastValueKind.F32),
                WatVectorShape.F64x2 => Float(cursor, WastValueKind.F64),
                _ => new WastExpectedNumber(size == 8 ? WastValueKind.I64 : WastValueKind.I32, cursor.Integer(size * 8)),
            };
        }
        return new WastExpectedVector(shape, lanes);
    }

    private static WastExpected Float(WatCursor cursor, WastValueKind kind)
    {
        bool canonical = cursor.TryKeyword("nan:canonical"u8);
        if (canonical || cursor.TryKeyword("nan:arithmetic"u8))
            return new WastExpectedNan(kind, canonical);
        return new WastExpectedNumber(kind, kind == WastValueKind.F32 ? cursor.Float32() : cursor.Float64());
    }

    private static WastExpectedReference? Reference(WatCursor cursor)
    {
        WastValueKind kind =
            cursor.TryKeyword("ref.null"u8) ? WastValueKind.RefNull
            : cursor.TryKeyword("ref.extern"u8) ? WastValueKind.RefExtern
            : cursor.TryKeyword("ref.host"u8) ? WastValueKind.RefHost
            : cursor.TryKeyword("ref.func"u8) ? WastValueKind.RefFunc
            : cursor.TryKeyword("ref.any"u8) ? WastValueKind.RefAny
            : cursor.TryKeyword("ref.eq"u8) ? WastValueKind.RefEq
            : cursor.TryKeyword("ref.i31"u8) ? WastValueKind.RefI31
            : cursor.TryKeyword("ref.struct"u8) ? WastValueKind.RefStruct
            : cursor.TryKeyword("ref.array"u8) ? WastValueKind.RefArray
            : cursor.TryKeyword("ref.exn"u8) ? WastValueKind.RefExn
            : WastValueKind.I32;
        if (kind == WastValueKind.I32)
            return null;
        string? heapType = kind == WastValueKind.RefNull ? HeapType(cursor) : null;
        bool numbered = kind is WastValueKind.RefExtern or WastValueKind.RefHost && cursor.NextKind == WatTokenKind.Number;
        return new WastExpectedReference(kind, numbered ? cursor.U32() : null, heapType);
    }

    private static bool TryNumber(WatCursor cursor, out WastValueKind kind, out ulong bits)
    {
        kind = WastValueKind.I32;
        bits = 0;
        if (cursor.TryKeyword("i32.const"u8))
            bits = cursor.Integer(32);
        else if (cursor.TryKeyword("i64.const"u8))
        {
            kind = WastValueKind.I64;
            bits = cursor.Integer(64);
        }
        else if (cursor.TryKeyword("f32.const"u8))
        {
            kind = WastValueKind.F32;
            bits = cursor.Float32();
        }
        else if (cursor.TryKeyword("f64.const"u8))
        {
            kind = WastValueKind.F64;
            bits = cursor.Float64();
        }
        else
            return false;
        return true;
    }

    private static string? HeapType(WatCursor cursor) =>
        cursor.NextKind == WatTokenKind.Keyword
            ? Encoding.UTF8.GetString(cursor.Source.Bytes(cursor.Take(WatTokenKind.Keyword)))
            : null;
}
