// dotnet run -c Release --project samples/EmbedRuby -- [--tier TIER] PATH/ruby+stdlib.wasm [SCRIPT.rb | -e CODE]
// Ruby's module is in the npm package @ruby/3.4-wasm-wasi; `test/acceptance/run --install ruby` installs it and prints its path.

using Anneal;
using Anneal.Wasm;

namespace EmbedRuby;

internal static class Program
{
    public static int Main(string[] args)
    {
        Tier tier = Tier.Auto;
        if (args.Length > 2 && args[0] == "--tier")
        {
            if (!Enum.TryParse(args[1], ignoreCase: true, out tier) || !Enum.IsDefined(tier))
            {
                Console.Error.WriteLine($"there's no tier \"{args[1]}\"; choose of {string.Join(", ", Enum.GetNames<Tier>()).ToLowerInvariant()}");
                return 2;
            }

            args = args[2..];
        }

        if (args.Length is < 1 or > 3 || (args.Length == 3 && args[1] != "-e"))
        {
            Console.Error.WriteLine("usage: EmbedRuby [--tier TIER] PATH/ruby+stdlib.wasm [SCRIPT.rb | -e CODE]");
            return 2;
        }

        using var engine = new Engine(new EngineOptions { Tier = tier });
        using Module module = Module.FromFile(engine, args[0]);
        using var vm = new RubyVm(module);
        try
        {
            switch (args.Length)
            {
                case 1:
                    Tour(vm);
                    break;
                case 2:
                    Console.WriteLine($"=> {vm.Evaluate(File.ReadAllText(args[1]))}");
                    break;
                default:
                    Console.WriteLine($"=> {vm.Evaluate(args[2])}");
                    break;
            }

            return 0;
        }
        catch (RubyException exception)
        {
            Console.Error.WriteLine(exception.FullMessage);
            return 1;
        }
    }

    private static void Tour(RubyVm vm)
    {
        using var script = new StreamReader(typeof(Program).Assembly.GetManifestResourceStream("tour.rb")!);
        Console.WriteLine($"=> {vm.Evaluate(script.ReadToEnd())}");

        // Ruby's exceptions are .NET exceptions, and the VM goes on after them.
        foreach (string source in (ReadOnlySpan<string>)["Integer(\"x1\")", "def broken = raise(KeyError, \"deep\")\nbroken", "1 +", "exit 3", "tags_are_local"])
        {
            try
            {
                Console.WriteLine(vm.Evaluate(source));
            }
            catch (RubyException exception)
            {
                Console.WriteLine($"{exception.ClassName}: {exception.RubyMessage.Split('\n')[0]}");
            }
        }

        Console.WriteLine(vm.Evaluate("Account.new(\"still here\", 42).then { \"#{_1.name}: #{_1.balance}\" }"));
    }
}
