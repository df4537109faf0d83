// Makes a random valid module of a seed. Everything that its functions refer to is chosen first, then each body is grown by
// FunctionGenerator. Every loop header and function entry takes a unit of fuel, so every call ends.

namespace Anneal.Wasm.Tests.Differential;

internal static class ModuleGenerator
{
    private static readonly T[] Values = [T.I32, T.I32, T.I32, T.I64, T.I64, T.F32, T.F64, T.F64, T.FuncRef, T.ExternRef];

    public static GeneratedModule Generate(int seed)
    {
        var random = new Random(seed);
        var module = new GeneratedModule { Memories = random.Next(4) == 0 ? 2 : 1 };
        module.TypeOf(GeneratedModule.HostSignature);
        var signatures = new List<Signature>();
        for (int i = random.Next(2, 6); i > 0; i--)
            signatures.Add(new Signature(Types(random, random.Next(random.Next(8) == 0 ? 14 : 5)), Types(random, random.Next(random.Next(4) == 0 ? 5 : 2))));
        int functions = random.Next(1, 8);
        for (int i = 0; i < functions; i++)
        {
            // The first function can often stand for the host's: see DifferentialRun.
            Signature signature = i == 0 && random.Next(2) == 0 ? GeneratedModule.HostSignature : signatures[random.Next(signatures.Count)];
            module.Functions.Add(new GeneratedFunction { Type = module.TypeOf(signature), Signature = signature });
        }
        for (int i = random.Next(6); i > 0; i--)
            module.Globals.Add(Value(random));
        for (int i = random.Next(3, 14); i > 0; i--)
            module.Elements.Add(random.Next(5) == 0 ? -1 : random.Next(functions + 1));
        module.Data = new byte[random.Next(100)];
        random.NextBytes(module.Data);
        foreach (GeneratedFunction function in module.Functions)
            new FunctionGenerator(module, function, random).Generate();
        return module;
    }

    public static T Value(Random random) => Values[random.Next(Values.Length)];

    private static T[] Types(Random random, int count)
    {
        var types = new T[count];
        for (int i = 0; i < count; i++)
            types[i] = Value(random);
        return types;
    }
}
