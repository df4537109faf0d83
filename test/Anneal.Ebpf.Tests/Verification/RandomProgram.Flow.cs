// Branches, loops, functions and callbacks.

namespace Anneal.Ebpf.Tests.Verification;

internal sealed partial class RandomProgram
{
    private string Goto(string label)
    {
        if (!Once(3)) return $"goto {label}";
        Has(LongJump);
        return $"gotol {label}";
    }

    private void Branch(int depth)
    {
        string other = Label(), end = Label();
        char width = random.Next(2) == 0 ? 'r' : 'w';
        if (width == 'w') Has(Jump32);
        Line($"if {width}{Number()} {Conditions[random.Next(Conditions.Length)]} {(random.Next(2) == 0 ? $"{width}{Number()}" : $"{RandomNumbers.Immediate(random)}")} goto {other}");
        Pieces(random.Next(1, 3), depth + 1);
        if (random.Next(2) == 0)
        {
            Line(Goto(end));
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
        string start = Label(), end = Label();
        int counter = CounterSlot + (depth * 8), limit = LimitSlot + (depth * 8), rounds = random.Next(1, 14);
        switch (random.Next(7))
        {
            case 0 or 1:
                Has(CountUp);
                Line($"*(u64 *)(r10 - {counter}) = 0");
                Line($"{start}:");
                Body(depth, counter, end);
                Line("r1 += 1");
                Line($"*(u64 *)(r10 - {counter}) = r1");
                Line($"if r1 {(random.Next(2) == 0 ? "<" : "!=")} {rounds} goto {start}");
                break;
            case 2:
                Has(CountDown);
                Line($"*(u64 *)(r10 - {counter}) = {rounds}");
                Line($"{start}:");
                Body(depth, counter, end);
                Line("r1 += -1");
                Line($"*(u64 *)(r10 - {counter}) = r1");
                Line($"if r1 {(random.Next(3) switch { 0 => "s>", 1 => ">", _ => "!=" })} 0 goto {start}");
                break;
            case 3:
                // Around zero, or past a limit that the step may miss.
                Has(CountWrapping);
                if (random.Next(2) == 0)
                {
                    Has(Count32);
                    int step = random.Next(1, 4);
                    Line($"*(u32 *)(r10 - {counter}) = -{rounds}");
                    Line($"{start}:");
                    Body(depth, counter, end, bits: 32);
                    Line($"w1 += {step}");
                    Line($"*(u32 *)(r10 - {counter}) = r1");
                    Line($"if w1 {(random.Next(3) switch { 0 => "!=", 1 => "s<", _ => ">" })} {random.Next(0, 3)} goto {start}");
                }
                else
                {
                    Line($"*(u64 *)(r10 - {counter}) = -{rounds}");
                    Line($"{start}:");
                    Body(depth, counter, end);
                    Line($"r1 += {random.Next(1, 3)}");
                    Line($"*(u64 *)(r10 - {counter}) = r1");
                    Line($"if r1 {(random.Next(3) switch { 0 => "!=", 1 => "s<=", _ => ">=" })} {random.Next(1, 3)} goto {start}");
                }

                break;
            case 4:
                Has(TestFirst);
                Line($"*(u64 *)(r10 - {counter}) = 0");
                Line($"{start}:");
                Line($"r2 = *(u64 *)(r10 - {counter})");
                Line($"if r2 {(random.Next(2) == 0 ? ">=" : "==")} {rounds} goto {end}");
                Body(depth, counter, end);
                Line("r1 += 1");
                Line($"*(u64 *)(r10 - {counter}) = r1");
                Line(Goto(start));
                break;
            case 5:
                Has(VariableLimit);
                Line($"r1 = r{Kept()}");
                Line(Once(2) ? $"r1 &= {rounds}" : $"w1 %= {rounds}");
                Line($"*(u64 *)(r10 - {limit}) = r1");
                Line($"*(u64 *)(r10 - {counter}) = 0");
                Line($"{start}:");
                Body(depth, counter, end);
                Line("r1 += 1");
                Line($"*(u64 *)(r10 - {counter}) = r1");
                Line($"r2 = *(u64 *)(r10 - {limit})");
                Line($"if r1 {(random.Next(3) == 0 ? "s<=" : "<")} r2 goto {start}");
                break;
            default:
                Has(Multiplying);
                Line($"*(u64 *)(r10 - {counter}) = {random.Next(1, 4)}");
                Line($"{start}:");
                Body(depth, counter, end);
                Line(random.Next(2) == 0 ? $"r1 <<= {random.Next(1, 5)}" : $"r1 *= {random.Next(2, 9)}");
                Line($"*(u64 *)(r10 - {counter}) = r1");
                Line($"if r1 {(Once(3) ? "s<" : "<")} {random.Next(2, 10_000)} goto {start}");
                break;
        }

        Line($"{end}:");
        Line("r2 = 2");
        Line("r1 = 2");
    }

    // Leaves the counter in r1.
    private void Body(int depth, int counter, string end, int bits = 64)
    {
        Pieces(random.Next(1, 3), depth + 1);
        if (Once(4))
        {
            Has(LeavesEarly);
            Line($"if r{Kept()} {Conditions[random.Next(Conditions.Length)]} {RandomNumbers.Immediate(random)} goto {end}");
        }

        Line($"r1 = *(u{bits} *)(r10 - {counter})");
        if (random.Next(3) == 0)
        {
            Line("r0 = r7");
            Line("r0 += r1");
            Line($"r9 = *(u8 *)(r0 + {random.Next(48, 64)})");
            Line("r0 = 1");
        }
    }

    private void CallFunction(int depth)
    {
        string name = "f" + Label();
        Has(LocalCall);
        if (inFunction) Has(NestedCall);
        Line("r1 = r8");
        Line("r2 = r9");
        if (inFunction && Once(2))
        {
            Has(PassedOnPointer);
            Line($"r3 = *(u64 *)(r10 - {CallerSlot})");
        }
        else
        {
            Line("r3 = r10");
            Line($"r3 += -{random.Next(1, StackNumbers + 1) * 8}");
        }

        Line("r4 = r6");
        Line($"call {name}");
        Line($"r{Kept()} = r0");
        for (int r = 1; r <= 5; r++) Line($"r{r} = {random.Next(50)}");
        Function(name, depth, pointer: "r3", isCallback: false);
    }

    private void LoopCallback(int depth)
    {
        string name = "f" + Label();
        Has(LoopCalls);
        Line($"r1 = {random.Next(0, 10)}");
        if (random.Next(4) == 0) Line("r1 = r8");

        // Millions of rounds, around more of them, would keep the kernel busy for ever.
        if (reproducible || random.Next(2) == 0) Line("w1 &= 31");
        Line($"r2 = {name} ll");
        CallbackContext();
        Line("r4 = 0");
        Line("call 181");
        AfterCallback();
        Function(name, depth, pointer: "r2", isCallback: true);
    }

    private void ElementCallback(int depth)
    {
        string name = "f" + Label();

        // The order of a hash table's elements is each side's own.
        string map = random.Next(2) == 0 ? "array" : reproducible || Once(2) ? "percpu" : "hash";
        Has(ElementCalls + map);
        Line($"r1 = map[{map}] ll");
        Line($"r2 = {name} ll");
        CallbackContext();
        Line("r4 = 0");
        Line("call 164");
        AfterCallback();
        Function(name, depth, pointer: "r4", isCallback: true, map == "hash" ? 32 : 16);
    }

    private void CallbackContext()
    {
        Line("r3 = r10");
        Line($"r3 += -{random.Next(1, StackNumbers + 1) * 8}");
    }

    private void AfterCallback()
    {
        for (int r = 1; r <= 5; r++) Line($"r{r} = {random.Next(50)}");
        Line("r9 = r0");
        Line($"r8 = *(u64 *)(r10 - {random.Next(1, StackNumbers + 1) * 8})");
    }

    private void Function(string name, int depth, string pointer, bool isCallback, int valueBytes = 0)
    {
        string before = text.ToString();
        text.Clear();
        (bool outer, bool context) = (inFunction, hasContext);
        inFunction = true;
        hasContext &= !isCallback;
        Line($"{name}:");
        Line($"*(u64 *)(r10 - {CallerSlot}) = {pointer}");
        Line(hasContext && !isCallback ? "r6 = r4" : "r6 = 0");
        if (valueBytes > 0)
        {
            // r1 map, r2 key, r3 value, r4 context.
            Line($"r8 = *(u32 *)(r2 + {(Once(12) ? 4 : 0)})");
            int size = Size();
            string place = $"*(u{size} *)(r3 + {random.Next(0, valueBytes + (Once(6) ? 4 : 1) - (size / 8))})";
            Line($"r9 = {place}");
            if (Once(2)) Line($"{place} = r8");
        }
        else
        {
            Line("r8 = r1");
            Line(isCallback ? $"r9 = *(u64 *)({pointer} + 0)" : "r9 = r2");
        }

        if (random.Next(2) == 0) Line($"*(u64 *)({pointer} + 0) = r8");
        else Line($"*(u32 *)({pointer} + 0) = {random.Next(0, 60)}");
        Line("r7 = map[data]+0 ll");
        for (int i = 1; i <= StackNumbers; i++) Line($"*(u64 *)(r10 - {i * 8}) = {random.Next(100)}");
        Refill();
        Pieces(random.Next(1, 4), Math.Max(depth + 1, 2));
        Line(isCallback ? $"r0 = {random.Next(2)}" : $"r0 = r{Number()}");
        Line("exit");
        functions.Append(text);
        text.Clear().Append(before);
        (inFunction, hasContext) = (outer, context);
    }
}
