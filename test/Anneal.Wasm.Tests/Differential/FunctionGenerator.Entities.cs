// What touches memories, tables and functions: accesses near the bounds, bulk operations, all kinds of calls.

using Anneal.Wasm.Text;

namespace Anneal.Wasm.Tests.Differential;

internal sealed partial class FunctionGenerator
{
    private static readonly (byte Opcode, T Type, int Width)[] Loads =
    [
        (0x28, T.I32, 4), (0x29, T.I64, 8), (0x2A, T.F32, 4), (0x2B, T.F64, 8), (0x2C, T.I32, 1), (0x2D, T.I32, 1), (0x2E, T.I32, 2),
        (0x2F, T.I32, 2), (0x30, T.I64, 1), (0x31, T.I64, 1), (0x32, T.I64, 2), (0x33, T.I64, 2), (0x34, T.I64, 4), (0x35, T.I64, 4),
    ];

    private static readonly (byte Opcode, T Type, int Width)[] Stores =
    [
        (0x36, T.I32, 4), (0x37, T.I64, 8), (0x38, T.F32, 4), (0x39, T.F64, 8), (0x3A, T.I32, 1), (0x3B, T.I32, 2), (0x3C, T.I64, 1),
        (0x3D, T.I64, 2), (0x3E, T.I64, 4),
    ];

    private Node Load(T type, int depth)
    {
        (byte opcode, T _, int width) = Loads.Where(load => load.Type == type).ElementAt(random.Next(Loads.Count(load => load.Type == type)));
        (Node address, byte[] immediates) = Address(width, depth);
        return new Node(type, [[], [opcode, .. immediates]], [address]);
    }

    private Node Store(int depth)
    {
        (byte opcode, T type, int width) = Stores[random.Next(Stores.Length)];
        (Node address, byte[] immediates) = Address(width, depth);
        return new Node(T.Void, [[], [], [opcode, .. immediates]], [address, Definite(type, depth + 1)]);
    }

    // Mostly inside, often in the last bytes of a page, now and then anywhere, with offsets of all sizes.
    private (Node Address, byte[] Immediates) Address(int width, int depth)
    {
        Node address;
        uint offset = (uint)random.Next(64);
        int choice = random.Next(100);
        if (choice < 60)
        {
            address = new Node(T.I32, [[], [0x41, 0xFF, 0x3F, 0x71]], [Any(T.I32, depth + 1)]);
        }
        else if (choice < 85)
        {
            address = NumberNode(random.Next(65536 - 100));
        }
        else if (choice < 95)
        {
            uint target = (uint)(65536 - width + random.Next(-2, random.Next(6) == 0 ? 3 : 1));
            offset = random.Next(3) switch { 0 => 0, 1 => target, _ => (uint)random.Next((int)target) };
            address = NumberNode((int)(target - offset));
        }
        else
        {
            address = Any(T.I32, depth + 1);
            offset = random.Next(6) switch { 0 => uint.MaxValue, 1 => 0x8000_0000, 2 => 0x7FFF_FFFF, 3 => 65536, _ => offset };
        }
        var immediates = new WasmBytes();
        int memory = random.Next(4) == 0 ? module.Memories - 1 : 0;
        uint align = (uint)random.Next(System.Numerics.BitOperations.Log2((uint)width) + 1);
        immediates.U32(memory == 0 ? align : align | 0x40);
        if (memory != 0)
            immediates.U32((uint)memory);
        immediates.U32(offset);
        return (address, immediates.ToArray());
    }

    private Node NumberNode(int value)
    {
        var code = new WasmBytes();
        code.Byte(0x41);
        code.S64(value);
        return Node.Leaf(T.I32, code.ToArray());
    }

    private Node MemoryStatement(int depth)
    {
        byte memory = (byte)random.Next(module.Memories);
        byte other = (byte)random.Next(module.Memories);
        return random.Next(8) switch
        {
            0 or 1 => new Node(T.Void, Ending(3, [0xFC, 11, memory]), [Position(depth), Any(T.I32, depth + 1), Extent(depth)]),
            2 or 3 or 4 => new Node(T.Void, Ending(3, [0xFC, 10, memory, other]), [Position(depth), Position(depth), Extent(depth)]),
            5 or 6 => new Node(T.Void, Ending(3, [0xFC, 8, 1, memory]), [Position(depth), NumberNode(random.Next(20)), NumberNode(random.Next(90))]),
            _ => Node.Leaf(T.Void, 0xFC, 9, 1),
        };
    }

    private Node Position(int depth) => random.Next(12) == 0
        ? Any(T.I32, depth + 1)
        : new Node(T.I32, [[], [0x41, 0xFF, 0xFF, 0x03, 0x71]], [Any(T.I32, depth + 1)]);

    private Node Extent(int depth) => random.Next(12) == 0
        ? Any(T.I32, depth + 1)
        : new Node(T.I32, [[], [0x41, 0xFF, 0x03, 0x71]], [Any(T.I32, depth + 1)]);

    private Node TableStatement(int depth)
    {
        byte table = (byte)random.Next(2);
        T type = table == 0 ? T.FuncRef : T.ExternRef;
        return random.Next(8) switch
        {
            0 or 1 or 2 => new Node(T.Void, Ending(2, [0x26, table]), [TableIndex(table, depth), Any(type, depth + 1)]),
            3 => new Node(T.Void, Ending(3, [0xFC, 17, table]), [TableIndex(table, depth), Any(type, depth + 1), NumberNode(random.Next(4))]),
            4 => new Node(T.Void, Ending(3, [0xFC, 14, table, table]), [TableIndex(table, depth), TableIndex(table, depth), NumberNode(random.Next(4))]),
            5 or 6 => new Node(T.Void, Ending(3, [0xFC, 12, 1, 0]), [TableIndex(0, depth), NumberNode(random.Next(4)), NumberNode(random.Next(4))]),
            _ => Node.Leaf(T.Void, 0xFC, 13, 1),
        };
    }

    private Node TableIndex(int table, int depth)
    {
        int size = table == 0 ? module.TableSize : 4;
        return random.Next(10) switch
        {
            0 => Any(T.I32, depth + 1),
            1 => NumberNode(random.Next(size + 2)),
            2 or 3 => new Node(T.I32, [[], [0x41, (byte)size, 0x70]], [Any(T.I32, depth + 1)]),
            _ => NumberNode(random.Next(size)),
        };
    }

    // A call of one result of that type, in the place of a value.
    private Node? CallValue(T type, int depth)
    {
        int[] fitting = [.. Enumerable.Range(0, module.Functions.Count + 1)
            .Where(i => module.FunctionSignature(i).Results is [var result] && result == type)];
        return fitting.Length == 0 ? null : Call(fitting[random.Next(fitting.Length)], type, depth, tail: false, []);
    }

    // A call of any function; its results go to locals or are dropped.
    private Node CallAndKeep(int depth)
    {
        int callee = random.Next(module.Functions.Count + 1);
        var after = new WasmBytes();
        foreach (T result in module.FunctionSignature(callee).Results.Reverse())
        {
            int[] fitting = [.. Enumerable.Range(0, pool).Where(i => locals[i] == result)];
            if (fitting.Length == 0)
                after.Byte(0x1A);
            else
                after.Bytes(Op(0x21, fitting[random.Next(fitting.Length)]));
        }
        return Call(callee, T.Void, depth, tail: false, after.ToArray());
    }

    private Node? TailCall(T type, int depth)
    {
        int[] fitting = [.. Enumerable.Range(0, module.Functions.Count + 1)
            .Where(i => module.FunctionSignature(i).Results.SequenceEqual(function.Signature.Results))];
        return fitting.Length == 0 ? null : Call(fitting[random.Next(fitting.Length)], type, depth, tail: true, []);
    }

    private Node Call(int callee, T type, int depth, bool tail, byte[] after)
    {
        Signature signature = module.FunctionSignature(callee);
        var children = new List<Node>();
        foreach (T parameter in signature.Parameters)
            children.Add(Definite(parameter, depth + 1));
        var text = new WasmBytes();
        int typeNumber = module.TypeOf(signature);
        switch (random.Next(3))
        {
            case 0:
                text.Byte((byte)(tail ? 0x12 : 0x10));
                text.U32((uint)callee);
                break;
            case 1:
                int[] places = [.. Enumerable.Range(0, module.Elements.Count).Where(i => module.Elements[i] == callee)];
                children.Add(places.Length > 0 && random.Next(4) != 0 ? NumberNode(places[random.Next(places.Length)]) : TableIndex(0, depth));
                text.Byte((byte)(tail ? 0x13 : 0x11));
                text.U32((uint)typeNumber);
                text.Byte(0);
                break;
            default:
                children.Add(FunctionReference(callee, typeNumber, depth));
                text.Byte((byte)(tail ? 0x15 : 0x14));
                text.U32((uint)typeNumber);
                break;
        }
        text.Bytes(after);
        return new Node(type, Ending(children.Count, text.ToArray()), [.. children]);
    }

    // A reference of the callee's own type: an if, so that it isn't known where the call is.
    private Node FunctionReference(int callee, int typeNumber, int depth)
    {
        var name = new WasmBytes();
        name.Byte(0xD2);
        name.U32((uint)callee);
        var type = new WasmBytes();
        type.S64(typeNumber);
        if (random.Next(3) == 0)
            return new Node(T.I32, [name.ToArray()], []) { IsPinned = true };
        Node condition = random.Next(3) == 0 ? Any(T.I32, depth + 1) : NumberNode(1);
        return new Node(T.I32, [[], [0x04, 0x63, .. type.Span, .. name.Span, 0x05, 0xD0, .. type.Span, 0x0B]], [condition]) { IsPinned = true };
    }
}
