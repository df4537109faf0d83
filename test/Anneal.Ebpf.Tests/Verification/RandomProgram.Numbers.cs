// Arithmetic and bounds.

namespace Anneal.Ebpf.Tests.Verification;

internal sealed partial class RandomProgram
{
    private static readonly string[] Operators = ["+=", "-=", "*=", "/=", "|=", "&=", "<<=", ">>=", "%=", "^=", "=", "s>>=", "s/=", "s%="];
    private static readonly string[] Conditions = ["==", ">", ">=", "&", "!=", "s>", "s>=", "<", "<=", "s<", "s<="];

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
                    Has(ByteSwap);
                    Line($"r{d} = {(random.Next(3) switch { 0 => "bswap", 1 => "be", _ => "le" })}{16 << random.Next(3)} r{d}");
                    continue;
                case 1:
                    Line($"{width}{d} = -{width}{d}");
                    continue;
                case 2:
                    Has(SignedMove);
                    Line($"{width}{d} = (s{8 << random.Next(width == 'r' ? 3 : 2)}){width}{Number()}");
                    continue;
            }

            if (operation is "s/=" or "s%=") Has(SignedDivision);
            Has(width == 'r' ? Alu64 : Alu32);
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
        if (width == 'w') Has(Jump32);
        switch (random.Next(10))
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
            case 8:
                // Bounded in the stack slot where it's kept.
                Line($"*(u64 *)(r10 - 8) = r{register}");
                Line($"if {width}{register} <= {limit} goto {skip}y");
                Line("*(u64 *)(r10 - 8) = 1");
                Line($"{skip}y:");
                Line($"r{register} = *(u{(width == 'w' ? 32 : 64)} *)(r10 - 8)");
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
}
