// Grows the body of one function: statements here, values in .Values, what touches memories, tables and functions in
// .Entities. A node is well typed wherever it stands, since it only refers to labels outside it.

using Anneal.Wasm.Text;

namespace Anneal.Wasm.Tests.Differential;

internal sealed partial class FunctionGenerator
{
    private readonly GeneratedModule module;
    private readonly GeneratedFunction function;
    private readonly Random random;
    private readonly List<T> locals = [];
    private readonly List<T[]> labels = [];
    private int pool;
    private int scratch32;
    private int scratch64;
    private int budget;

    public FunctionGenerator(GeneratedModule module, GeneratedFunction function, Random random)
    {
        this.module = module;
        this.function = function;
        this.random = random;
    }

    public void Generate()
    {
        locals.AddRange(function.Signature.Parameters);
        int count = random.Next(6) switch { 0 => random.Next(16, 90), 1 => 0, _ => random.Next(1, 12) };
        for (int i = 0; i < count; i++)
            NewLocal(ModuleGenerator.Value(random));
        pool = locals.Count;
        scratch32 = NewLocal(T.F32);
        scratch64 = NewLocal(T.F64);
        budget = random.Next(5) switch { 0 => random.Next(5, 20), 1 => random.Next(150, 500), _ => random.Next(20, 150) };
        labels.Add(function.Signature.Results);
        function.Body.Add(TakeFuel(exit: null));
        function.Body.AddRange(Statements(random.Next(1, 8), 0));
        foreach (T result in function.Signature.Results)
            function.Body.Add(Definite(result, 0));
    }

    private int NewLocal(T type)
    {
        locals.Add(type);
        function.Locals.Add(type);
        return locals.Count - 1;
    }

    // fuel := fuel - 1, and when it is used up a trap, or the branch given.
    private static Node TakeFuel(byte[]? exit) => new(T.Void,
        [[0x23, 0, 0x41, 1, 0x6B, 0x24, 0, 0x23, 0, 0x41, 0, 0x48, .. exit ?? [0x04, 0x40, 0x00, 0x0B]]], []) { IsPinned = true };

    private List<Node> Statements(int count, int depth)
    {
        var list = new List<Node>();
        for (int i = 0; i < count && (budget > 0 || i == 0); i++)
            list.Add(Statement(depth + 1));
        return list;
    }

    private Node Statement(int depth)
    {
        budget--;
        bool nests = depth < 7;
        switch (random.Next(28))
        {
            case 0 or 1 or 2 or 3 or 4 or 5:
                return SetLocal(depth) ?? Drop(depth);
            case 6:
                return SetGlobal(depth) ?? Drop(depth);
            case 7 or 8 or 9:
                return Store(depth);
            case 10 or 11 when nests:
                return Structured(0x02, T.Void, depth);
            case 12 or 13 or 14 when nests:
                return Structured(0x03, T.Void, depth);
            case 15 or 16 or 17 when nests:
                return Structured(0x04, T.Void, depth);
            case 18 or 19:
                return BranchIf(depth);
            case 20 when nests && random.Next(3) == 0:
                return Guarded(depth);
            case 21 or 22:
                return CallAndKeep(depth);
            case 23:
                return MemoryStatement(depth);
            case 24:
                return TableStatement(depth);
            case 25 when nests:
                return MultiValueBlock(depth);
            case 26 when nests:
                return BranchOnNull(depth);
            default:
                return Drop(depth);
        }
    }

    private Node Drop(int depth)
    {
        Node value = Any(ModuleGenerator.Value(random), depth);
        return new Node(T.Void, [[], [0x1A]], [value]);
    }

    private Node? SetLocal(int depth)
    {
        if (pool == 0)
            return null;
        int local = random.Next(pool);
        return new Node(T.Void, [[], Op(0x21, local)], [Definite(locals[local], depth)]);
    }

    private Node? SetGlobal(int depth)
    {
        if (module.Globals.Count == 1)
            return null;
        int global = random.Next(1, module.Globals.Count);
        return new Node(T.Void, [[], Op(0x24, global)], [Definite(module.Globals[global], depth)]);
    }

    // An if around something that leaves.
    private Node Guarded(int depth)
    {
        Node condition = Any(T.I32, depth);
        labels.Add([]);
        Node leaving = Leave(T.Void, depth + 1);
        labels.RemoveAt(labels.Count - 1);
        return new Node(T.Void, [[], [0x04, 0x40], [0x0B]], [condition, leaving]);
    }

    // A block, loop or if of at most one result, perhaps with a parameter, which its first instruction stores in a local.
    private Node Structured(byte opcode, T type, int depth)
    {
        T[] results = type == T.Void ? [] : [type];
        T[] parameters = [];
        int local = 0;
        if (pool > 0 && random.Next(4) == 0)
        {
            local = random.Next(pool);
            parameters = [locals[local]];
        }
        var parts = new List<byte[]>();
        var children = new List<Node>();
        var text = new WasmBytes();
        foreach (T parameter in parameters)
            Child(Definite(parameter, depth));
        if (opcode == 0x04)
            Child(Any(T.I32, depth));
        text.Byte(opcode);
        if (parameters.Length == 0)
            text.Byte((byte)type);
        else
            text.S64(module.TypeOf(new Signature(parameters, results)));
        if (parameters.Length != 0)
            text.Bytes(Op(0x21, local));
        labels.Add(opcode == 0x03 ? parameters : results);
        if (opcode == 0x03)
        {
            // Half of the loops trap when the fuel is used up; the others return, if that needs no value.
            bool returns = function.Signature.Results.Length == 0 && random.Next(2) == 0;
            Child(TakeFuel(returns ? [0x0D, (byte)(labels.Count - 1)] : null));
        }
        Arm();
        if (opcode == 0x04 && (type != T.Void || parameters.Length != 0 || random.Next(2) == 0))
        {
            text.Byte(0x05);
            if (parameters.Length != 0)
                text.Bytes(Op(0x21, local));
            Arm();
        }
        labels.RemoveAt(labels.Count - 1);
        text.Byte(0x0B);
        parts.Add(text.ToArray());
        return new Node(type, [.. parts], [.. children]);

        void Arm()
        {
            foreach (Node statement in Statements(random.Next(1, 4), depth))
                Child(statement);
            if (type != T.Void)
                Child(Definite(type, depth + 1));
        }

        void Child(Node node)
        {
            parts.Add(text.ToArray());
            text.Clear();
            children.Add(node);
        }
    }

    // A block of several results, which go to locals or, two numbers of a type, to an instruction.
    private Node MultiValueBlock(int depth)
    {
        if (pool == 0)
            return Drop(depth);
        int[] targets = new int[random.Next(2, 5)];
        for (int i = 0; i < targets.Length; i++)
            targets[i] = random.Next(pool);
        T[] results = [.. targets.Select(local => locals[local])];
        var parts = new List<byte[]>();
        var children = new List<Node>();
        var text = new WasmBytes();
        text.Byte(0x02);
        text.S64(module.TypeOf(new Signature([], results)));
        labels.Add(results);
        foreach (Node node in Statements(random.Next(0, 3), depth).Concat(results.Select(type => Definite(type, depth + 1))))
        {
            parts.Add(text.ToArray());
            text.Clear();
            children.Add(node);
        }
        labels.RemoveAt(labels.Count - 1);
        text.Byte(0x0B);
        foreach (int local in targets.Reverse())
            text.Bytes(Op(0x21, local));
        parts.Add(text.ToArray());
        return new Node(T.Void, [.. parts], [.. children]);
    }

    private Node BranchIf(int depth)
    {
        int label = random.Next(labels.Count);
        T[] types = labels[label];
        Node[] children = [.. types.Select(type => Definite(type, depth)), Any(T.I32, depth)];
        byte[] last = [.. Op(0x0D, labels.Count - 1 - label), .. Enumerable.Repeat((byte)0x1A, types.Length)];
        return new Node(T.Void, Ending(children.Length, last), children);
    }

    private Node BranchOnNull(int depth)
    {
        int[] fitting = [.. Enumerable.Range(0, labels.Count).Where(i => labels[i].Length == 0)];
        if (fitting.Length == 0)
            return Drop(depth);
        byte[] branch = Op(0xD5, labels.Count - 1 - fitting[random.Next(fitting.Length)]);
        return new Node(T.Void, Ending(1, [.. branch, 0x1A]), [Any(random.Next(2) == 0 ? T.FuncRef : T.ExternRef, depth)]);
    }

    // Code behind which nothing is reached, of whatever type is wanted.
    private Node Leave(T type, int depth)
    {
        switch (random.Next(12))
        {
            case 0:
                return Node.Leaf(type, 0x00);
            case 1 or 2:
                return TailCall(type, depth) ?? Return(type, depth);
            case 3 or 4:
                return Return(type, depth);
            case 5 or 6 or 7:
                return BranchTable(type, depth);
            default:
                int label = random.Next(labels.Count);
                Node[] values = [.. labels[label].Select(value => Definite(value, depth))];
                return new Node(type, Ending(values.Length, Op(0x0C, labels.Count - 1 - label)), values);
        }
    }

    private Node Return(T type, int depth)
    {
        Node[] values = [.. function.Signature.Results.Select(value => Definite(value, depth))];
        return new Node(type, Ending(values.Length, [0x0F]), values);
    }

    private Node BranchTable(T type, int depth)
    {
        int first = random.Next(labels.Count);
        int[] fitting = [.. Enumerable.Range(0, labels.Count).Where(i => labels[i].SequenceEqual(labels[first]))];
        var text = new WasmBytes();
        text.Byte(0x0E);
        int count = random.Next(random.Next(3) == 0 ? 20 : 4);
        text.U32((uint)count);
        for (int i = 0; i <= count; i++)
            text.U32((uint)(labels.Count - 1 - fitting[random.Next(fitting.Length)]));
        Node[] children = [.. labels[first].Select(value => Definite(value, depth)), Any(T.I32, depth)];
        return new Node(type, Ending(children.Length, text.ToArray()), children);
    }

    // Children in order, then an instruction.
    private static byte[][] Ending(int children, byte[] last)
    {
        var parts = new byte[children + 1][];
        for (int i = 0; i < children; i++)
            parts[i] = [];
        parts[children] = last;
        return parts;
    }

    private static byte[] Op(byte opcode, int number)
    {
        var bytes = new WasmBytes();
        bytes.Byte(opcode);
        bytes.U32((uint)number);
        return bytes.ToArray();
    }
}
