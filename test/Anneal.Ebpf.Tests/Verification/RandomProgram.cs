// Random programs that often come close to the limits of what is safe: numbers from outside are bounded in one of many ways and then
// used as offsets into a map value, the stack or the packet, where the bound may fit or be off by little.
//
// Registers: r6 context, r7 value of map "data" (64 bytes), r8 and r9 numbers, r0 to r5 whatever the piece needs (numbers between pieces).

using System.Globalization;
using System.Text;

namespace Anneal.Ebpf.Tests.Verification;

internal sealed class RandomProgram(Random random)
{
    private const int StackNumbers = 4;
    private static readonly string[] Operators = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "%=", "^=", "=", "s>>=", "s/=", "s%="];
    private static readonly string[] Conditions = ["==", ">", ">=", "&", "!=", "s>", "s>=", "<", "<=", "s<", "s<="];
    private static readonly string[] Atomics = ["+=", "|=", "&=", "^=", "fetch+=", "fetch|=", "fetch&=", "fetch^=", "xchg", "cmpxchg"];

    private readonly StringBuilder text = new();
    private readonly StringBuilder functions = new();
    private int labels;
    private bool inFunction;

    public string Make()
    {
        Line("r6 = r1");
        Line("r7 = map[data]+0 ll");
        for (int i = 1; i <= StackNumbers; i++) Line($"*(u64 *)(r10 - {i * 8}) = {RandomNumbers.Immediate(random)}");
        Numbers();
        Pieces(random.Next(2, 9), depth: 0);
        Line("r0 = r8");
        Line("exit");
        return text.ToString() + functions;
    }

    private void Numbers()
    {
        Line("call 5");
        Line("r8 = r0");
        Line(random.Next(2) == 0 ? "call 7" : $"r0 = *(u64 *)(r7 + {random.Next(0, 7) * 8})");
        Line("r9 = r0");
        for (int r = 0; r <= 5; r++) Line($"r{r} = {RandomNumbers.Immediate(random)}");
    }

    private void Line(string line) => text.Append(line).Append('\n');

    private string Label() => string.Create(CultureInfo.InvariantCulture, $"l{labels++}");

    private int Number() => random.Next(3) switch { 0 => 8, 1 => 9, _ => random.Next(0, 6) };

    private void Pieces(int count, int depth)
    {
        for (int i = 0; i < count; i++) Piece(depth);
    }

    private void Piece(int depth)
    {
        switch (random.Next(depth < 3 ? 16 : 11))
        {
            case 0 or 1 or 2:
                Calculate();
                break;
            case 3:
                Bound(Number());
                break;
            case 4 or 5:
                int index = random.Next(2) == 0 ? 8 : 9;
                if (random.Next(4) != 0) Bound(index);
                MapAccess(index);
                break;
            case 6:
                int offset = random.Next(2) == 0 ? 8 : 9;
                if (random.Next(4) != 0) Bound(offset);
                StackAccess(offset);
                break;
            case 7:
                int at = random.Next(2) == 0 ? 8 : 9;
                if (random.Next(4) != 0) Bound(at);
                PacketAccess(at);
                break;
            case 8:
                Spill();
                break;
            case 9:
                LookUp();
                break;
            case 10:
                if (random.Next(3) == 0) Reserve();
                else AtomicOperation();
                break;
            case 11 or 12:
                Branch(depth);
                break;
            case 13:
                Loop(depth);
                break;
            case 14:
                CallFunction(depth);
                break;
            default:
                CallBack(depth);
                break;
        }
    }

    private void Calculate()
    {
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            char width = random.Next(2) == 0 ? 'r' : 'w';
            int d = Number();
            string operation = Operators[random.Next(Operators.Length)];
            switch (random.Next(12))
            {
                case 0:
                    Line($"r{d} = {(random.Next(3) switch { 0 => "bswap", 1 => "be", _ => "le" })}{16 << random.Next(3)} r{d}");
                    continue;
                case 1:
                    Line($"{width}{d} = -{width}{d}");
                    continue;
                case 2:
                    Line($"{width}{d} = (s{8 << random.Next(width == 'r' ? 3 : 2)}){width}{Number()}");
                    continue;
            }

            bool shift = operation is "<<=" or ">>=" or "s>>=";
            string operand = random.Next(2) == 0 ? $"{width}{Number()}" : $"{(shift ? random.Next(0, width == 'r' ? 64 : 32) : RandomNumbers.Immediate(random))}";
            Line($"{width}{d} {operation} {operand}");
        }
    }

    // Makes a register small, or tries to.
    private void Bound(int register)
    {
        int limit = random.Next(1, 70);
        string skip = Label();
        char width = random.Next(3) == 0 ? 'w' : 'r';
        switch (random.Next(9))
        {
            case 0:
                Line($"r{register} &= {limit}");
                break;
            case 1:
                Line($"w{register} %= {limit}");
                break;
            case 2:
                Line($"if {width}{register} <= {limit} goto {skip}");
                Line($"r{register} = {random.Next(0, limit)}");
                break;
            case 3:
                Line($"if {width}{register} s> {limit} goto {skip}x");
                Line($"if {width}{register} s>= {random.Next(-8, 8)} goto {skip}");
                Line($"{skip}x:");
                Line($"{width}{register} = {random.Next(0, 9)}");
                break;
            case 4:
                Line($"w{register} >>= {random.Next(24, 32)}");
                break;
            case 5:
                Line($"r{register} s>>= {random.Next(56, 64)}");
                break;
            case 6:
                Line($"r{register} &= {limit}");
                Line($"r{register} {(random.Next(2) == 0 ? "+=" : "-=")} {random.Next(0, 20)}");
                break;
            case 7:
                Line($"r{register} = (s8)r{register}");
                Line($"if r{register} & {1 << random.Next(8)} goto {skip}x");
                Line($"if {width}{register} < {limit} goto {skip}");
                Line($"{skip}x:");
                Line($"r{register} = {random.Next(0, 20)}");
                break;
            default:
                Line($"r{register} = r{register}");
                Line($"r{(register == 8 ? 9 : 8)} = r{register}");
                Line($"if r{(register == 8 ? 9 : 8)} < {limit} goto {skip}");
                Line($"r{register} = 1");
                break;
        }

        Line($"{skip}:");
    }

    private int Size() => 8 << random.Next(4);

    private void Use(string pointer, int limit, int low)
    {
        int size = Size(), offset = random.Next(low, Math.Max(low + 1, limit));
        string place = $"({pointer} {(offset < 0 ? '-' : '+')} {Math.Abs(offset)})";
        switch (random.Next(3))
        {
            case 0:
                Line($"*(u{size} *){place} = r{Number()}");
                break;
            case 1:
                Line($"*(u{size} *){place} = {RandomNumbers.Immediate(random)}");
                break;
            default:
                Line(size < 64 && random.Next(3) == 0 ? $"r{Number()} = *(s{size} *){place}" : $"r{Number()} = *(u{size} *){place}");
                break;
        }
    }

    private void MapAccess(int index)
    {
        Line("r1 = r7");
        Line($"r1 {(random.Next(5) == 0 ? "-=" : "+=")} r{index}");
        Use("r1", 24, -12);
        Line("r1 = 3");
    }

    private void StackAccess(int index)
    {
        Line("r1 = r10");
        Line($"r1 += -{random.Next(1, StackNumbers + 1) * 8}");
        if (random.Next(3) == 0) Line($"r{index} &= {random.Next(0, 25)}");
        Line($"r1 += r{index}");
        Use("r1", 1, -16);
        Line("r1 = 4");
    }

    private void PacketAccess(int index)
    {
        if (inFunction) return;
        string skip = Label();
        Line("r2 = *(u32 *)(r6 + 0)");
        Line("r3 = *(u32 *)(r6 + 4)");
        if (random.Next(2) == 0) Line($"r2 += r{index}");
        int known = random.Next(1, 24);
        Line("r4 = r2");
        Line($"r4 += {known}");
        Line(random.Next(4) switch
        {
            0 => $"if r4 > r3 goto {skip}",
            1 => $"if r4 >= r3 goto {skip}",
            2 => $"if r3 < r4 goto {skip}",
            _ => $"if r3 <= r4 goto {skip}",
        });
        Line("r4 = 0");
        Line("r3 = 0");
        int size = Size();
        Line($"r{(random.Next(2) == 0 ? 8 : 9)} = *(u{size} *)(r2 + {random.Next(0, known + 1)})");
        Line($"{skip}:");
        for (int r = 2; r <= 4; r++) Line($"r{r} = {random.Next(100)}");
    }

    private void Spill()
    {
        int size = Size(), offset = -random.Next(1, StackNumbers * 8 + 1);
        if (random.Next(3) != 0) offset = offset / (size / 8) * (size / 8);
        if (offset > -(size / 8)) offset = -(size / 8);
        if (random.Next(2) == 0) Line($"*(u{size} *)(r10 - {-offset}) = r{Number()}");
        else Line($"r{Number()} = *(u{size} *)(r10 - {-offset})");
    }

    private void LookUp()
    {
        string skip = Label();
        Line(random.Next(2) == 0 ? $"*(u32 *)(r10 - 40) = {random.Next(0, 10)}" : "*(u32 *)(r10 - 40) = r9");
        Line("r2 = r10");
        Line("r2 += -40");
        Line(random.Next(2) == 0 ? "r1 = map[array] ll" : "r1 = map[bytes] ll");
        Line("call 1");
        if (random.Next(6) != 0) Line($"if r0 == 0 goto {skip}");
        Line($"r{(random.Next(2) == 0 ? 8 : 9)} = *(u{Size()} *)(r0 + {random.Next(0, 14)})");
        Line($"{skip}:");
        for (int r = 0; r <= 5; r++) Line($"r{r} = {random.Next(50)}");
    }

    private void Reserve()
    {
        string skip = Label();
        int size = random.Next(1, 33);
        Line("r1 = map[ring] ll");
        Line($"r2 = {size}");
        Line("r3 = 0");
        Line("call 131");
        Line($"if r0 == 0 goto {skip}");
        if (random.Next(2) == 0) Line($"r8 &= {random.Next(0, 32)}");
        Line("r1 = r0");
        Line("r1 += r8");
        Line($"*(u{Size()} *)(r1 + {random.Next(0, 8)}) = r9");
        Line("r1 = r0");
        Line("r2 = 0");
        Line($"call {132 + random.Next(2)}");
        Line($"{skip}:");
        for (int r = 0; r <= 5; r++) Line($"r{r} = {random.Next(50)}");
    }

    private void AtomicOperation()
    {
        int size = 32 << random.Next(2);
        bool stack = random.Next(2) == 0;
        string place = stack ? $"(r10 - {random.Next(1, 5) * 8})" : $"(r7 + {random.Next(0, 17) * 4})";
        Line($"lock *(u{size} *){place} {Atomics[random.Next(Atomics.Length)]} r{Number()}");
    }

    private void Branch(int depth)
    {
        string other = Label(), end = Label();
        char width = random.Next(2) == 0 ? 'r' : 'w';
        Line($"if {width}{Number()} {Conditions[random.Next(Conditions.Length)]} {(random.Next(2) == 0 ? $"{width}{Number()}" : $"{RandomNumbers.Immediate(random)}")} goto {other}");
        Pieces(random.Next(1, 3), depth + 1);
        if (random.Next(2) == 0)
        {
            Line($"goto {end}");
            Line($"{other}:");
            Pieces(random.Next(1, 3), depth + 1);
        }
        else
        {
            Line($"{other}:");
        }

        Line($"{end}:");
    }

    // The counter is on the stack, so that the body may use all registers.
    private void Loop(int depth)
    {
        string start = Label();
        int counter = 48 + (depth * 8);
        Line($"*(u64 *)(r10 - {counter}) = 0");
        Line($"{start}:");
        Pieces(random.Next(1, 3), depth + 1);
        Line($"r1 = *(u64 *)(r10 - {counter})");
        if (random.Next(3) == 0)
        {
            Line("r0 = r7");
            Line("r0 += r1");
            Line($"r9 = *(u8 *)(r0 + {random.Next(48, 64)})");
            Line("r0 = 1");
        }

        Line("r1 += 1");
        Line($"*(u64 *)(r10 - {counter}) = r1");
        Line($"if r1 {(random.Next(2) == 0 ? "<" : "!=")} {random.Next(1, 14)} goto {start}");
    }

    private void CallFunction(int depth)
    {
        string name = "f" + Label();
        Line("r1 = r8");
        Line("r2 = r9");
        Line("r3 = r10");
        Line($"r3 += -{random.Next(1, StackNumbers + 1) * 8}");
        Line($"call {name}");
        Line($"r{(random.Next(2) == 0 ? 8 : 9)} = r0");
        for (int r = 1; r <= 5; r++) Line($"r{r} = {random.Next(50)}");
        Function(name, depth, callback: false);
    }

    private void CallBack(int depth)
    {
        string name = "f" + Label();
        Line($"r1 = {random.Next(0, 10)}");
        if (random.Next(4) == 0) Line("r1 = r8");
        if (random.Next(2) == 0) Line("w1 &= 31");
        Line($"r2 = {name} ll");
        Line("r3 = r10");
        Line($"r3 += -{random.Next(1, StackNumbers + 1) * 8}");
        Line("r4 = 0");
        Line("call 181");
        for (int r = 1; r <= 5; r++) Line($"r{r} = {random.Next(50)}");
        Line("r9 = r0");
        Line($"r8 = *(u64 *)(r10 - {random.Next(1, StackNumbers + 1) * 8})");
        Function(name, depth, callback: true);
    }

    private void Function(string name, int depth, bool callback)
    {
        string before = text.ToString();
        text.Clear();
        bool outer = inFunction;
        inFunction = true;
        Line($"{name}:");
        Line("r8 = r1");
        Line(callback ? "r9 = *(u64 *)(r2 + 0)" : "r9 = r2");
        string pointer = callback ? "r2" : "r3";
        if (random.Next(2) == 0) Line($"*(u64 *)({pointer} + 0) = r8");
        else Line($"*(u32 *)({pointer} + 0) = {random.Next(0, 60)}");
        Line("r6 = 0");
        Line("r7 = map[data]+0 ll");
        for (int i = 1; i <= StackNumbers; i++) Line($"*(u64 *)(r10 - {i * 8}) = {random.Next(100)}");
        for (int r = 0; r <= 5; r++) Line($"r{r} = {random.Next(50)}");
        Pieces(random.Next(1, 4), Math.Max(depth + 1, 2));
        Line(callback ? $"r0 = {random.Next(2)}" : $"r0 = r{Number()}");
        Line("exit");
        functions.Append(text);
        text.Clear().Append(before);
        inFunction = outer;
    }
}
