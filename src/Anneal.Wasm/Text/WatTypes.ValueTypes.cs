// Value, reference and heap types: the text's keywords and `(ref null? heaptype)` to their shortest encodings. An abstract
// heap type is its one-byte code read as a signed number, which is negative; a defined type is its index.

namespace Anneal.Wasm.Text;

internal sealed partial class WatTypes
{
    public void ValueType(WasmBytes output)
    {
        WatToken token = cursor.Next;
        if (token.Kind == WatTokenKind.Keyword)
        {
            ReadOnlySpan<byte> word = cursor.Source.Bytes(token);
            byte code = 0;
            if (word.SequenceEqual("i32"u8)) code = 0x7F;
            else if (word.SequenceEqual("i64"u8)) code = 0x7E;
            else if (word.SequenceEqual("f32"u8)) code = 0x7D;
            else if (word.SequenceEqual("f64"u8)) code = 0x7C;
            else if (word.SequenceEqual("v128"u8)) code = 0x7B;
            if (code != 0)
            {
                cursor.Position++;
                output.Byte(code);
                return;
            }
        }
        ReferenceType(output);
    }

    /// <summary>Whether a reference type comes next.</summary>
    public bool IsReferenceType() =>
        cursor.IsOpen("ref"u8)
        || (cursor.NextKind == WatTokenKind.Keyword && ShortReference(cursor.Source.Bytes(cursor.Next)) != 0);

    /// <summary>A reference type: its shorthand keyword or `(ref null? heaptype)`, in the shortest encoding.</summary>
    public void ReferenceType(WasmBytes output)
    {
        bool nullable = ReferenceType(out long heapType);
        if (nullable && heapType < 0)
        {
            output.S64(heapType);
            return;
        }
        output.Byte((byte)(nullable ? 0x63 : 0x64));
        output.S64(heapType);
    }

    /// <summary>A reference type, as nullability and heap type.</summary>
    public bool ReferenceType(out long heapType)
    {
        if (cursor.TryOpen("ref"u8))
        {
            bool nullable = cursor.TryKeyword("null"u8);
            heapType = HeapType();
            cursor.Close();
            return nullable;
        }
        byte code = cursor.NextKind == WatTokenKind.Keyword ? ShortReference(cursor.Source.Bytes(cursor.Next)) : (byte)0;
        if (code == 0)
        {
            throw cursor.NextKind == WatTokenKind.Keyword
                ? cursor.Error($"unknown operator {cursor.Source.Describe(cursor.Next)}: a type is expected")
                : cursor.Unexpected();
        }
        cursor.Position++;
        heapType = code - 0x80;
        return true;
    }

    /// <summary>A heap type: an abstract one as its negative code, else a type index.</summary>
    public long HeapType()
    {
        if (cursor.NextKind != WatTokenKind.Keyword)
            return Space.Read(cursor);
        byte code = AbstractHeapType(cursor.Source.Bytes(cursor.Next));
        if (code == 0)
            throw cursor.Unexpected();
        cursor.Position++;
        return code - 0x80;
    }

    private static byte AbstractHeapType(ReadOnlySpan<byte> word)
    {
        if (word.SequenceEqual("func"u8)) return 0x70;
        if (word.SequenceEqual("extern"u8)) return 0x6F;
        if (word.SequenceEqual("any"u8)) return 0x6E;
        if (word.SequenceEqual("eq"u8)) return 0x6D;
        if (word.SequenceEqual("i31"u8)) return 0x6C;
        if (word.SequenceEqual("struct"u8)) return 0x6B;
        if (word.SequenceEqual("array"u8)) return 0x6A;
        if (word.SequenceEqual("exn"u8)) return 0x69;
        if (word.SequenceEqual("none"u8)) return 0x71;
        if (word.SequenceEqual("noextern"u8)) return 0x72;
        if (word.SequenceEqual("nofunc"u8)) return 0x73;
        if (word.SequenceEqual("noexn"u8)) return 0x74;
        return 0;
    }

    // funcref is (ref null func), nullfuncref (ref null nofunc), nullref (ref null none).
    private static byte ShortReference(ReadOnlySpan<byte> word)
    {
        if (!word.EndsWith("ref"u8))
            return 0;
        if (word.SequenceEqual("nullref"u8)) return 0x71;
        if (word.SequenceEqual("nullexternref"u8)) return 0x72;
        if (word.SequenceEqual("nullfuncref"u8)) return 0x73;
        if (word.SequenceEqual("nullexnref"u8)) return 0x74;
        byte code = AbstractHeapType(word[..^3]);
        return code is >= 0x71 ? (byte)0 : code;
    }
}
