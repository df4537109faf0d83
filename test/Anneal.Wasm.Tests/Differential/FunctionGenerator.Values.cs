// Values: constants, locals, globals, numeric instructions, loads, blocks, selects, calls. The bits of a NaN that arithmetic
// makes are open in the specification, so such a value is made definite before anything can see its bits; between
// arithmetic instructions it stays as it is.

using System.Buffers.Binary;
using Anneal.Wasm.Text;

namespace Anneal.Wasm.Tests.Differential;

internal sealed partial class FunctionGenerator
{
    private const int MaxDepth = 40;

    private static readonly ulong[] EdgeIntegers =
    [
        0, 1, 2, 3, 7, 8, 31, 32, 63, 64, 127, 128, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
        0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, ulong.MaxValue, ulong.MaxValue - 1, 0xFFFF_FFFF_8000_0000, 0xAAAA_AAAA_5555_5555,
    ];

    private static readonly double[] EdgeFloats =
    [
        0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 3.4e38, 1e300, -1e300, 1e-300, 1e-45, 5e-324, double.MaxValue, double.Epsilon,
        double.PositiveInfinity, double.NegativeInfinity, double.NaN, 2147483647, 2147483648, -2147483648, -2147483649, 4294967295, 4294967296,
        9223372036854775807, -9223372036854775808, 18446744073709551615, 1e10, 16777216, 16777217, 9007199254740993, 123456.789,
    ];

    // A value whose bits are the same everywhere.
    private Node Definite(T type, int depth)
    {
        Node value = Any(type, depth);
        if (!value.OpenNan)
            return value;
        bool single = type == T.F32;
        int scratch = single ? scratch32 : scratch64;
        byte[] nan = single ? [0x43, 0, 0, 0xC0, 0x7F] : [0x44, 0, 0, 0, 0, 0, 0, 0xF8, 0x7F];
        byte[] get = Op(0x20, scratch);
        byte equal = single ? (byte)0x5B : (byte)0x61;
        return new Node(type, [[], [.. Op(0x22, scratch), .. nan, .. get, .. get, equal, 0x1B]], [value]);
    }

    private Node Any(T type, int depth)
    {
        budget--;
        if (budget <= 0 || depth > MaxDepth)
            return Simple(type);
        if (type is T.FuncRef or T.ExternRef)
            return Reference(type, depth);
        int choice = random.Next(100);
        return choice switch
        {
            < 45 => Numeric(type, depth),
            < 58 => Simple(type),
            < 66 => Load(type, depth),
            < 71 => Tee(type, depth) ?? Simple(type),
            < 76 => Select(type, depth),
            < 81 when depth < 7 => Structured((byte)(2 + random.Next(3)), type, depth),
            < 84 => BranchIfValue(type, depth) ?? Simple(type),
            < 89 => CallValue(type, depth) ?? Simple(type),
            < 90 => random.Next(6) == 0 ? Leave(type, depth + 1) : Simple(type),
            < 94 when type == T.I32 => Query(depth),
            < 97 => DeepChain(type),
            _ => Numeric(type, depth),
        };
    }

    private Node Simple(T type)
    {
        int[] fitting = [.. Enumerable.Range(0, pool).Where(i => locals[i] == type)];
        if (fitting.Length > 0 && random.Next(3) != 0)
            return Node.Leaf(type, Op(0x20, fitting[random.Next(fitting.Length)]));
        int[] globals = [.. Enumerable.Range(1, module.Globals.Count - 1).Where(i => module.Globals[i] == type)];
        if (globals.Length > 0 && random.Next(3) == 0)
            return Node.Leaf(type, Op(0x23, globals[random.Next(globals.Length)]));
        return Constant(type);
    }

    private Node Constant(T type)
    {
        byte[] bytes = new byte[9];
        switch (type)
        {
            case T.I32:
                return Number(0x41, (int)Integer());
            case T.I64:
                return Number(0x42, (long)Integer());
            case T.F32:
                bytes[0] = 0x43;
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(1), (float)Float());
                return Node.Leaf(type, bytes[..5]);
            case T.F64:
                bytes[0] = 0x44;
                BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(1), Float());
                return Node.Leaf(type, bytes);
            case T.FuncRef when random.Next(2) == 0:
                return Node.Leaf(type, Op(0xD2, random.Next(module.Functions.Count + 1)));
            default:
                return Node.Leaf(type, 0xD0, (byte)type);
        }

        Node Number(byte opcode, long value)
        {
            var code = new WasmBytes();
            code.Byte(opcode);
            code.S64(value);
            return Node.Leaf(type, code.ToArray());
        }
    }

    private ulong Integer() => random.Next(4) switch
    {
        0 => (ulong)random.Next(-20, 20),
        1 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
        _ => EdgeIntegers[random.Next(EdgeIntegers.Length)],
    };

    private double Float() => random.Next(4) switch
    {
        0 => random.Next(-100, 100) / 4.0,
        1 => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-20, 25)),
        _ => EdgeFloats[random.Next(EdgeFloats.Length)],
    };

    private Node Numeric(T type, int depth)
    {
        NumericOp[] ops = NumericOps.Of(type);
        NumericOp op = ops[random.Next(ops.Length)];
        if (op.MayTrap && !op.Divides && random.Next(3) != 0)
            op = ops[random.Next(ops.Length)];
        var children = new Node[op.Operands.Length];
        bool open = op.Rule == NanRule.Makes;
        for (int i = 0; i < children.Length; i++)
        {
            children[i] = op.Rule == NanRule.Definite ? Definite(op.Operands[i], depth + 1) : Any(op.Operands[i], depth + 1);
            if (op.Rule == NanRule.Passes)
                open |= children[i].OpenNan;
        }
        byte[] last = op.Code;
        // Most divisors are made odd, else little would run to its end.
        if (op.Divides && random.Next(8) != 0)
            last = type == T.I32 ? [0x41, 1, 0x72, .. op.Code] : [0x42, 1, 0x84, .. op.Code];
        return new Node(type, Ending(children.Length, last), children) { OpenNan = open };
    }

    // a op (b op (c op ...)): many values wait on the stack at once, none of them a plain local or constant.
    private Node DeepChain(T type)
    {
        if (type is not (T.I32 or T.I64 or T.F32 or T.F64))
            return Simple(type);
        NumericOp[] ops = [.. NumericOps.Of(type).Where(op => op.Operands.Length == 2 && op.Operands[0] == type && op.Operands[1] == type && !op.MayTrap
            && op.Rule is NanRule.Makes or NanRule.Definite && op.Code[0] is not (0x98 or 0xA6))];
        Node value = Simple(type);
        for (int i = random.Next(4, 28); i > 0; i--)
        {
            NumericOp op = ops[random.Next(ops.Length)];
            Node left = new(type, Ending(2, ops[random.Next(ops.Length)].Code), [Simple(type), Simple(type)]) { OpenNan = type is T.F32 or T.F64 };
            Node[] operands = random.Next(8) == 0 ? [value, left] : [left, value];
            value = new Node(type, Ending(2, op.Code), operands) { OpenNan = type is T.F32 or T.F64 };
        }
        return value;
    }

    private Node? Tee(T type, int depth)
    {
        int[] fitting = [.. Enumerable.Range(0, pool).Where(i => locals[i] == type)];
        if (fitting.Length == 0)
            return null;
        return new Node(type, [[], Op(0x22, fitting[random.Next(fitting.Length)])], [Definite(type, depth + 1)]);
    }

    private Node Select(T type, int depth)
    {
        bool isReference = type is T.FuncRef or T.ExternRef;
        Node first = Any(type, depth + 1);
        Node second = Any(type, depth + 1);
        byte[] last = isReference || random.Next(3) == 0 ? [0x1C, 1, (byte)type] : [0x1B];
        return new Node(type, Ending(3, last), [first, second, Any(T.I32, depth + 1)]) { OpenNan = first.OpenNan || second.OpenNan };
    }

    private Node? BranchIfValue(T type, int depth)
    {
        int[] fitting = [.. Enumerable.Range(0, labels.Count).Where(i => labels[i].Length == 1 && labels[i][0] == type)];
        if (fitting.Length == 0)
            return null;
        byte[] branch = Op(0x0D, labels.Count - 1 - fitting[random.Next(fitting.Length)]);
        return new Node(type, Ending(2, branch), [Definite(type, depth + 1), Any(T.I32, depth + 1)]);
    }

    private Node Reference(T type, int depth)
    {
        switch (random.Next(10))
        {
            case 0:
                byte table = (byte)(type == T.FuncRef ? 0 : 1);
                return new Node(type, [[], [0x25, table]], [TableIndex(table, depth + 1)]);
            case 1:
                return Select(type, depth);
            case 2:
                return Tee(type, depth) ?? Simple(type);
            case 3 when depth < 7:
                return Structured((byte)(2 + random.Next(3)), type, depth);
            case 4:
                return CallValue(type, depth) ?? Simple(type);
            case 5 when random.Next(3) == 0:
                return new Node(type, [[], [0xD4]], [Any(type, depth + 1)]);
            default:
                return Simple(type);
        }
    }

    // What the state of tables, memories and references answers.
    private Node Query(int depth)
    {
        byte memory = (byte)random.Next(module.Memories);
        switch (random.Next(6))
        {
            case 0:
                return Node.Leaf(T.I32, 0x3F, memory);
            case 1:
                return new Node(T.I32, [[], [0x41, 3, 0x70, 0x40, memory]], [Any(T.I32, depth + 1)]);
            case 2:
                return Node.Leaf(T.I32, 0xFC, 16, (byte)random.Next(2));
            case 3:
                bool functions = random.Next(2) == 0;
                return new Node(T.I32, [[], [], [0x41, 3, 0x70, 0xFC, 15, (byte)(functions ? 0 : 1)]],
                    [Any(functions ? T.FuncRef : T.ExternRef, depth + 1), Any(T.I32, depth + 1)]);
            default:
                return new Node(T.I32, [[], [0xD1]], [Any(random.Next(2) == 0 ? T.FuncRef : T.ExternRef, depth + 1)]);
        }
    }
}
