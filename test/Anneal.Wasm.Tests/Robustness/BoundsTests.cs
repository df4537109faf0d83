// Exactly the accesses inside a memory succeed: every load and store width, with offsets and addresses around every limit,
// for memories of no page, one page and the most, before and after growth. What is expected is worked out here in 64 bits.

using System.Globalization;
using System.Text;
using Anneal.Wasm.Tests.Api;
using Xunit;

namespace Anneal.Wasm.Tests.Robustness;

public sealed class BoundsTests : ApiTest
{
    private static readonly (string Op, string Type, int Width)[] Loads =
    [
        ("i32.load8_u", "i32", 1), ("i32.load16_s", "i32", 2), ("i32.load", "i32", 4), ("f32.load", "f32", 4),
        ("i64.load8_s", "i64", 1), ("i64.load16_u", "i64", 2), ("i64.load32_s", "i64", 4), ("i64.load", "i64", 8), ("f64.load", "f64", 8),
    ];

    private static readonly (string Op, string Type, int Width)[] Stores =
    [
        ("i32.store8", "i32", 1), ("i32.store16", "i32", 2), ("i32.store", "i32", 4), ("f32.store", "f32", 4),
        ("i64.store8", "i64", 1), ("i64.store16", "i64", 2), ("i64.store32", "i64", 4), ("i64.store", "i64", 8), ("f64.store", "f64", 8),
    ];

    public static TheoryData<Tier, MemoryChecks, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<Tier, MemoryChecks, int, int>();
            foreach ((Tier tier, MemoryChecks checks) in new[] { (Tier.Portable, MemoryChecks.Hardware), (Tier.Threaded, MemoryChecks.Hardware), (Tier.Threaded, MemoryChecks.Explicit), (Tier.Baseline, MemoryChecks.Hardware), (Tier.Baseline, MemoryChecks.Explicit) })
            {
                foreach (int pages in new[] { 0, 1, 3, 65536 })
                {
                    cases.Add(tier, checks, pages, 0);
                    cases.Add(tier, checks, pages, 1);
                }
            }

            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Exactly_what_is_inside_can_be_accessed(Tier tier, MemoryChecks checks, int pages, int memoryIndex)
    {
        ulong length = (ulong)pages << 16;
        ulong[] offsets = [.. Around(length).Concat(new ulong[] { 0, 1, 1UL << 31, (1UL << 31) - 1, uint.MaxValue, uint.MaxValue - 7 }).Where(offset => offset <= uint.MaxValue).Distinct()];
        Engine engine = NewEngine(tier, checks);
        Instance instance = NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, Source(pages, memoryIndex, offsets)));
        var failures = new StringBuilder();
        for (int o = 0; o < offsets.Length; o++)
        {
            for (int i = 0; i < Loads.Length + Stores.Length; i++)
            {
                (string op, _, int width) = i < Loads.Length ? Loads[i] : Stores[i - Loads.Length];
                var access = instance.GetFunction<Action<int>>($"{i}:{o}");
                foreach (uint address in Addresses(length, offsets[o], width))
                {
                    bool inside = address + offsets[o] + (ulong)width <= length;
                    bool succeeds = Succeeds(access, address);
                    if (inside != succeeds) failures.Append(CultureInfo.InvariantCulture, $"{op} offset={offsets[o]:x} at {address:x} of {length:x}: {succeeds}\n");
                }
            }
        }

        Assert.Equal("", failures.ToString());
    }

    [Theory, MemberData(nameof(GuestSetups.All), MemberType = typeof(GuestSetups))]
    public void The_limit_moves_with_growth(Tier tier, MemoryChecks checks)
    {
        Engine engine = NewEngine(tier, checks);
        Instance instance = NewLinker(engine).Instantiate(NewStore(engine), Compile(engine, """
            (module (memory 0 3)
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "load") (param i32) (drop (i64.load (local.get 0)))))
            """));
        var load = instance.GetFunction<Action<int>>("load");
        var grow = instance.GetFunction<Func<int, int>>("grow");
        for (uint pages = 0; pages <= 3; pages++)
        {
            for (int around = -16; around <= 16; around++)
            {
                long address = (pages << 16) + around;
                if (address >= 0) Assert.Equal(address + 8 <= pages << 16, Succeeds(load, (uint)address));
            }

            Assert.Equal(pages == 3 ? -1 : (int)pages, grow(1));
        }
    }

    private static bool Succeeds(Action<int> access, uint address)
    {
        try
        {
            access((int)address);
            return true;
        }
        catch (TrapException trap)
        {
            Assert.Equal(TrapKind.MemoryOutOfBounds, trap.Kind);
            return false;
        }
    }

    private static IEnumerable<ulong> Around(ulong limit)
    {
        foreach (int distance in new[] { -16, -8, -7, -4, -3, -2, -1, 0, 1, 16 })
        {
            if ((long)limit + distance >= 0) yield return limit + (ulong)distance;
        }
    }

    // Where the access ends just before, at and behind the limit, and the extremes.
    private static IEnumerable<uint> Addresses(ulong length, ulong offset, int width)
    {
        var addresses = new HashSet<uint> { 0, 1, 1u << 31, (1u << 31) - 1, uint.MaxValue, uint.MaxValue - 7 };
        long last = (long)length - (long)offset - width;
        foreach (int distance in new[] { -16, -1, 0, 1, 2, 7, 16 })
        {
            if (last + distance is >= 0 and <= uint.MaxValue) addresses.Add((uint)(last + distance));
        }

        return addresses;
    }

    private static string Source(int pages, int memoryIndex, ulong[] offsets)
    {
        var text = new StringBuilder("(module ");
        if (memoryIndex == 1) text.Append("(memory 5) ");
        text.Append(CultureInfo.InvariantCulture, $"(memory $m {pages})\n");
        for (int o = 0; o < offsets.Length; o++)
        {
            for (int i = 0; i < Loads.Length; i++)
                text.Append(CultureInfo.InvariantCulture, $"(func (export \"{i}:{o}\") (param i32) (drop ({Loads[i].Op} $m offset={offsets[o]} (local.get 0))))\n");
            for (int i = 0; i < Stores.Length; i++)
                text.Append(CultureInfo.InvariantCulture, $"(func (export \"{Loads.Length + i}:{o}\") (param i32) ({Stores[i].Op} $m offset={offsets[o]} (local.get 0) ({Stores[i].Type}.const 0)))\n");
        }

        return text.Append(')').ToString();
    }
}
