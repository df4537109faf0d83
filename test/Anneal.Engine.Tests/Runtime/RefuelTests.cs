// A guest that runs out of fuel and is given more goes on as if nothing had been, and pays each charge once: what suspending
// and resuming relies on.

using Anneal.Bytecode;
using Xunit;

namespace Anneal.Tests.Runtime;

public sealed unsafe class RefuelTests
{
    public static TheoryData<Tier> Tiers => [Tier.Portable, Tier.Threaded, Tier.Baseline, Tier.Auto];

    // Locals and temporaries of both kinds, which a tier has in registers, live on behind the charges.
    private const string Body = """
        function slots=8 params=2 results=3 temps=4
            i64.add.k s2, s0, 1
            fmov s3, s1
        L:
            loop 0:4
            fuel 7:4
            i64.add.k s4, s2, 3
            f64.add s5, s3, s1
            fuel 5:6
            i64.mul s2, s2, s4
            f64.mul s3, s3, s5
            const s4, 100
            const s5, 65
            fuel.bytes s5, s5
            i64.add s2, s2, s4
            fuel.elements s5, s5
            i64.extend_i32_u s5, s5
            i64.add s2, s2, s5
            i64.add.k s0, s0, -1
            br.i64.ne.k s0, 0 -> L (live 4)
            mov s0, s2
            fmov s1, s3
            const s2, 77
            ret
        """;

    private const int Rounds = 6;
    private const int RoundCost = 7 + 5 + 2 + 9;

    [Theory, MemberData(nameof(Tiers))]
    public void A_guest_goes_on_with_new_fuel_and_pays_once(Tier tier)
    {
        (ulong[] expected, _, long left) = Run(tier, fuel: Rounds * RoundCost, grant: 0);
        Assert.Equal(0, left);
        for (long grant = 1; grant <= RoundCost; grant++)
        {
            (ulong[] results, long granted, left) = Run(tier, fuel: 0, grant);
            Assert.Equal(expected, results);
            Assert.Equal(Rounds * RoundCost, granted - left);
        }
    }

    [Theory, MemberData(nameof(Tiers))]
    public void Without_new_fuel_it_traps_and_nothing_is_taken(Tier tier)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var guest = new TestGuest(TestCodeUnit.Of(BytecodeText.Parse(Body)), engine);
        guest.Execution.State->Fuel = 11;
        int asked = 0;
        guest.Execution.Refuel = _ => asked++;
        Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(() => guest.Run(0, 3, 5, 0)).Kind);
        Assert.Equal((1, 4), (asked, guest.Execution.State->Fuel));
    }

    [Theory, MemberData(nameof(Tiers))]
    public void What_refuelling_throws_reaches_the_caller(Tier tier)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        using var guest = new TestGuest(TestCodeUnit.Of(BytecodeText.Parse(Body)), engine);
        guest.Execution.Refuel = _ => throw new FormatException("no more");
        Assert.Equal("no more", Assert.Throws<FormatException>(() => guest.Run(0, 3, 5, 0)).Message);
    }

    private static (ulong[] Results, long Granted, long Left) Run(Tier tier, long fuel, long grant)
    {
        using var engine = new Engine(new EngineOptions { Tier = tier });
        FunctionBody body = BytecodeText.Parse(Body);
        BytecodeChecker.Check(body);
        using var guest = new TestGuest(TestCodeUnit.Of(body), engine);
        long granted = 0;
        guest.Execution.State->Fuel = fuel;
        guest.Execution.Refuel = execution =>
        {
            execution.State->Fuel += grant;
            granted += grant;
        };
        ulong[] results = guest.Run(0, 3, Rounds, BitConverter.DoubleToUInt64Bits(0.5));
        return (results, granted, guest.Execution.State->Fuel);
    }
}
