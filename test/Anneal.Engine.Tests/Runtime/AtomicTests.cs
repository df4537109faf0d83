// Atomic ops: each one, in every addressing mode, on each tier, with operands wherever a tier may have them. The expected values are
// computed here, by themselves. That the threaded interpreter ran them, and nobody else in its place, is asked of the statistics.

using System.Globalization;
using Anneal.Bytecode;
using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests.Runtime;

public sealed unsafe class AtomicTests
{
    private const ulong GuestBase = 0x5_0000_0000;
    private const ulong SectionBytes = 256;

    private static readonly string[] Names = ["add", "or", "and", "xor", "fetch_add", "fetch_or", "fetch_and", "fetch_xor", "exchange", "compare_exchange"];

    private static readonly ulong[] Values =
        [0, 1, 5, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x1234_5678_9ABC_DEF0, 0x8000_0000_0000_0000, ulong.MaxValue];

    // How an instruction reaches its operands: s0 is the address, s1 and s2 the values; the result comes back in s0. Temporaries
    // start at s4. OP stands for the mnemonic, AT for memory and offset, Y for the second value where the op has one.
    private static readonly string[] FetchForms =
    [
        "OP s3, s0, AT, s1Y2\nmov s0, s3\nret",
        "OP s0, s0, AT, s1Y2\nret",
        "OP s1, s0, AT, s1Y2\nret.1 s1",
        "OP s2, s0, AT, s1Y2\nret.1 s2",
        "mov s4, s0\nOP s4, s4, AT, s1Y2\nret.1 s4",
        "mov s4, s0\nmov s5, s1\nmov s6, s2\nOP s4, s4, AT, s5Y6\nmov s7, s4\nmov s0, s7\nret",
        "mov s6, s2\nmov s5, s1\nmov s4, s0\nOP s6, s4, AT, s5Y6\nret.1 s6",
        "mov s5, s1\nOP s5, s0, AT, s5Y2\nret.1 s5",
        "mov s6, s2\nOP s6, s0, AT, s1Y6\nret.1 s6",
        // The values come from ops that keep them in float registers, and the result goes to such a one.
        "fmov s5, s1\nfmov s6, s2\nOP s7, s0, AT, s5Y6\nfmov s0, s7\nret",
        "f64.neg s4, s1\nf64.neg s5, s4\nf64.neg s4, s2\nf64.neg s6, s4\nmov s4, s0\nOP s7, s4, AT, s5Y6\nf64.neg s4, s7\nf64.neg s5, s4\nfret.1 s5",
        "i64.reinterpret_f64 s4, s0\nfmov s5, s1\nOP s6, s4, AT, s5Y2\nfmov s3, s6\nret.1 s3",
    ];

    private static readonly string[] UpdateForms =
    [
        "OP s0, s1, AT\nconst s0, 0\nret",
        "mov s4, s0\nOP s4, s1, AT\nconst s0, 0\nret",
        "mov s5, s1\nOP s0, s5, AT\nconst s0, 0\nret",
        "mov s5, s1\nmov s4, s0\nOP s4, s5, AT\nconst s0, 0\nret",
        "fmov s5, s1\nfmov s4, s0\nOP s4, s5, AT\nconst s0, 0\nret",
        "f64.neg s4, s1\nf64.neg s5, s4\nOP s0, s5, AT\nconst s0, 0\nret",
    ];

    // Where the access goes: memory operand, offset, what the host calls it.
    private static readonly (string Memory, long Offset)[] Places =
    [
        ("m0.guarded", 0), ("m0.guarded", 8), ("m0.guarded", 0x1_2340), ("m1.guarded", 0), ("m1.guarded", 24),
        ("m2.checked", 0), ("m2.checked", 16), ("m2.checked", 0x1_2340), ("m0.checked", 8),
        ("m0.trusted", 0), ("m0.trusted", 40), ("m0.trusted", -16), ("m0.trusted", 0x1234_5678),
        ("m0.sectioned", 0), ("m3.sectioned", 8), ("m7.sectioned", -8), ("m15.sectioned", 0x7FFF_FFF8), ("m20.sectioned", -0x8000_0000),
        // Offsets beyond 32 bits.
        ("m0.trusted", 0x8000_0000), ("m1.trusted", -0x1234_5678_0000), ("m2.sectioned", 0x8000_0000), ("m9.sectioned", long.MinValue + 8),
    ];

    public static TheoryData<Tier, MemoryChecks, int> Matrix
    {
        get
        {
            var data = new TheoryData<Tier, MemoryChecks, int>();
            foreach (Tier tier in Enum.GetValues<Tier>())
            {
                foreach (MemoryChecks checks in Enum.GetValues<MemoryChecks>())
                {
                    for (int place = 0; place < Places.Length; place++)
                    {
                        // Guarded accesses are never made where the hardware's faults aren't wanted.
                        if (checks == MemoryChecks.Hardware || !Places[place].Memory.EndsWith("guarded", StringComparison.Ordinal)) data.Add(tier, checks, place);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Each_op_changes_the_memory_and_gives_the_old_value(Tier tier, MemoryChecks checks, int place)
    {
        var cases = new List<(string Name, bool Wide, string Text)>();
        foreach (string name in Names)
        {
            foreach (bool wide in new[] { false, true })
            {
                foreach (string form in Fetches(name) ? FetchForms : UpdateForms) cases.Add((name, wide, Text(name, wide, Places[place], form)));
            }
        }

        using var engine = Make(tier, checks);
        using var guest = new Target(engine, Places[place], [.. cases.Select(c => c.Text)]);
        for (int i = 0; i < cases.Count; i++)
        {
            (string name, bool wide, string text) = cases[i];
            foreach (ulong before in Values)
            {
                foreach (ulong x in Values)
                {
                    // Compare-exchange with what is there, too: both outcomes.
                    foreach (ulong expected in name == "compare_exchange" ? new[] { x, before, before ^ (1ul << 40) } : [x])
                    {
                        ulong y = ~x * 3;
                        guest.Fill(before);
                        ulong result = guest.Run(i, guest.AddressOf(64), expected, y);
                        (ulong old, ulong after) = Expect(name, wide, before, expected, y);
                        string what = $"{name} {wide} of {before:x}, {expected:x}, {y:x}:\n{text}";
                        Assert.True((Fetches(name) ? old : 0) == result, $"gives {result:x}, not {old:x}: {what}");
                        Assert.True(after == guest.Word(64), $"leaves {guest.Word(64):x}, not {after:x}: {what}");
                        Assert.True(guest.Word(56) == Target.Pattern && guest.Word(72) == Target.Pattern, what);
                    }
                }
            }
        }

        ExpectNoRefusal(engine, tier);
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Unaligned_accesses_and_those_outside_trap_where_they_are(Tier tier, MemoryChecks checks, int place)
    {
        (string memory, _) = Places[place];
        if (memory.EndsWith("trusted", StringComparison.Ordinal)) return;
        using var engine = Make(tier, checks);
        foreach (string name in Names)
        {
            foreach (bool wide in new[] { false, true })
            {
                // The first access is fine, the second is the one to trap; in between is what a handler may be fused of.
                string form = Fetches(name)
                    ? "at 0x10\nOP s3, s1, AT, s2Y2\nat 0x20\nmov s4, s0\nOP s3, s4, AT, s2Y2\nat 0x30\nmov s0, s3\nret"
                    : "at 0x10\nOP s1, s2, AT\nat 0x20\nmov s4, s0\nOP s4, s2, AT\nat 0x30\nmov s0, s3\nret";
                using var guest = new Target(engine, Places[place], Text(name, wide, Places[place], form));
                int width = wide ? 8 : 4;
                for (int i = 0; i < 2; i++)
                {
                    for (int off = 1; off < width; off++) ExpectTrap(guest, TrapKind.UnalignedAtomic, guest.AddressOf((ulong)(64 + off)));
                    ExpectTrap(guest, TrapKind.MemoryOutOfBounds, guest.AddressOf(guest.Length));
                    ExpectTrap(guest, TrapKind.MemoryOutOfBounds, guest.AddressOf(guest.Length + 0x1000));
                    ExpectTrap(guest, TrapKind.UnalignedAtomic, guest.AddressOf(guest.Length + 1));
                    guest.Fill(7);
                    guest.Run(0, guest.AddressOf(guest.Length - (ulong)width), guest.AddressOf(64), 1);
                }
            }
        }

        ExpectNoRefusal(engine, tier);
    }

    [Theory]
    [InlineData(Tier.Portable)]
    [InlineData(Tier.Threaded)]
    [InlineData(Tier.Baseline)]
    public void An_access_that_ends_beyond_64_bits_is_outside_of_a_checked_memory(Tier tier)
    {
        using var engine = Make(tier, MemoryChecks.Hardware);
        (string, long) place = ("m2.checked", 8);
        using var guest = new Target(engine, place, Text("add", wide: true, place, UpdateForms[0]), Text("fetch_xor", wide: false, place, FetchForms[0]));
        for (int function = 0; function < 2; function++)
        {
            foreach (ulong address in new[] { ulong.MaxValue - 23, ulong.MaxValue - 22, ulong.MaxValue - 16, ulong.MaxValue - 15, ulong.MaxValue - 12, ulong.MaxValue - 8, ulong.MaxValue - 7, ulong.MaxValue })
            {
                int width = function == 0 ? 8 : 4;
                bool ends = (UInt128)address + 8 + (uint)width <= ulong.MaxValue;
                TrapKind kind = ends && (address & (ulong)(width - 1)) != 0 ? TrapKind.UnalignedAtomic : TrapKind.MemoryOutOfBounds;
                Assert.Equal(kind, Assert.Throws<TrapException>(() => guest.Run(function, address, 1, 1)).Kind);
            }
        }
    }

    [Theory]
    [InlineData(Tier.Portable)]
    [InlineData(Tier.Threaded)]
    [InlineData(Tier.Baseline)]
    public void Sections_that_cannot_be_written_trap(Tier tier)
    {
        using var engine = Make(tier, MemoryChecks.Hardware);
        (string, long) place = ("m3.sectioned", 0);
        string[] bodies = [.. Names.SelectMany(name => new[] { false, true }.Select(wide => Text(name, wide, place, Fetches(name) ? FetchForms[0] : UpdateForms[0])))];
        using var guest = new Target(engine, place, bodies);
        guest.Fill(1);
        for (int i = 0; i < bodies.Length; i++)
            Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => guest.Run(i, GuestBase + 0x1_0000, 1, 1)).Kind);
        Assert.Equal(1ul, guest.Word(64));
        ExpectNoRefusal(engine, tier);
    }

    // One counter of each kind in shared memory; each thread has its own execution.
    [Theory]
    [InlineData(Tier.Portable)]
    [InlineData(Tier.Threaded)]
    [InlineData(Tier.Baseline)]
    [InlineData(Tier.Auto)]
    public void Executions_on_eight_threads_count_together(Tier tier)
    {
        const int Threads = 8;
        const ulong Rounds = 20_000;
        string[] steps =
        [
            "i64.atomic.add s1, s4, m0.trusted, +0",
            "i32.atomic.add s1, s4, m0.trusted, +8",
            "i64.atomic.fetch_add s3, s1, m0.trusted, +16, s4",
            "i32.atomic.fetch_add s3, s1, m0.trusted, +24, s4",
        ];
        string count = "function slots=5 params=2 results=1 temps=5\nconst s4, 1\nL0:\nloop 0:5\nbr.i64.eq.k s0, 0 -> L1 (live 5)\n"
            + string.Join("\n", steps) + "\ni64.add.k s0, s0, -1\nbr -> L0 (live 5)\nL1:\nret.1 s3\n";
        // A counter that is only ever compared and exchanged.
        string exchange = """
            function slots=5 params=2 results=1 temps=5
            L0:
                loop 0:5
                br.i64.eq.k s0, 0 -> L1 (live 5)
                i64.load s2, s1, m0.trusted, +32
            L2:
                loop 1:5
                i64.add.k s3, s2, 1
                i64.atomic.compare_exchange s4, s1, m0.trusted, +32, s2, s3
                i64.eq s3, s4, s2
                mov s2, s4
                br.i32.eq.k s3, 0 -> L2 (live 5)
                i64.add.k s0, s0, -1
                br -> L0 (live 5)
            L1:
                ret.1 s2
            """;
        // An even number of flips of a bit of the thread's own, by a loop of compare-exchange in the template.
        string flip = """
            function slots=5 params=3 results=1 temps=5
            L0:
                loop 0:5
                br.i64.eq.k s0, 0 -> L1 (live 5)
                i64.atomic.fetch_xor s3, s1, m0.trusted, +40, s2
                i32.atomic.fetch_or s3, s1, m0.trusted, +48, s2
                i64.add.k s0, s0, -1
                br -> L0 (live 5)
            L1:
                ret.1 s3
            """;
        using var engine = Make(tier, MemoryChecks.Hardware);
        using var guest = new TestGuest(TestCodeUnit.Of(BytecodeText.Parse(count), BytecodeText.Parse(exchange), BytecodeText.Parse(flip)), engine);
        var shared = guest.Own(new NativeBlock(64));
        var counters = (ulong*)shared.Start;
        var threads = new Thread[Threads];
        var failures = new Exception?[Threads];
        using var start = new Barrier(Threads);
        for (int t = 0; t < Threads; t++)
        {
            int number = t;
            threads[t] = new Thread(() =>
            {
                Execution execution = engine.Lease();
                try
                {
                    start.SignalAndWait();
                    Invoke(engine, execution, guest, 0, Rounds, (ulong)counters, 0);
                    Invoke(engine, execution, guest, 1, Rounds, (ulong)counters, 0);
                    Invoke(engine, execution, guest, 2, Rounds + 1, (ulong)counters, 1ul << number);
                }
                catch (Exception exception)
                {
                    failures[number] = exception;
                }
                finally
                {
                    engine.Return(execution);
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads) thread.Join();
        foreach (Exception? failure in failures) Assert.Null(failure);
        for (int i = 0; i < 5; i++) Assert.Equal(Threads * Rounds, counters[i]);
        Assert.Equal((1ul << Threads) - 1, counters[5]);
        Assert.Equal((1ul << Threads) - 1, counters[6]);
        ExpectNoRefusal(engine, tier);
    }

    [Fact]
    public void Every_op_is_one_that_the_threaded_interpreter_knows()
    {
        for (int i = 0; i < OpTable.Count; i++) Assert.True(Threaded.StreamLayout.ShapeOf((Op)i) != Threaded.Shape.Unknown, OpTable.Mnemonic((Op)i));
    }

    // Bit 0 is the first field; the third and fourth are the operands behind the offset.
    [Fact]
    public void All_operands_may_come_out_of_accumulators()
    {
        for (Op op = Op.I32AtomicAdd; op <= Op.I64AtomicCompareExchange; op++)
        {
            Threaded.OpShape shape = Threaded.StreamLayout.Of(op);
            bool fetches = OpTable.WordsOf(op) > 2;
            Assert.Equal(!fetches ? 0b0011 : OpTable.WordsOf(op) == 3 ? 0b0110 : 0b1110, shape.Sources);
            Assert.Equal((fetches, true, 0), (shape.HasDestination, shape.KeepsAccumulators, shape.Floats));
        }
    }

    // No valid body is refused; this one isn't valid.
    [Theory]
    [InlineData(Tier.Threaded)]
    [InlineData(Tier.Auto)]
    public void A_function_that_another_tier_has_to_run_is_counted(Tier tier)
    {
        using var engine = Make(tier, MemoryChecks.Hardware);
        string[] bodies =
        [
            "function slots=1 params=1 results=1 temps=1\nbr -> L0 (live 1)\ni64.load s0, s0, m0.guarded, +4294967296\nL0:\nret",
            "function slots=1 params=1 results=1 temps=1\nret",
        ];
        using var guest = new TestGuest(TestCodeUnit.Of([.. bodies.Select(BytecodeText.Parse)]), engine);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(5ul, guest.Run(0, 1, 5)[0]);
            Assert.Equal(6ul, guest.Run(1, 1, 6)[0]);
        }

        EngineStatistics statistics = engine.GetStatistics();
        Assert.Equal((1, 1, 1), (statistics.Refusals, statistics.FunctionsCompiled, statistics.FunctionsPredecoded));
    }

    private static void Invoke(Engine engine, Execution execution, TestGuest guest, int function, ulong a, ulong b, ulong c)
    {
        ulong* window = execution.State->NestedWindow;
        window[0] = a;
        window[1] = b;
        window[2] = c;
        engine.Invoke(execution, guest.Instance.Functions[function], window);
    }

    private static Engine Make(Tier tier, MemoryChecks checks) =>
        new(new EngineOptions { Tier = tier, MemoryChecks = checks, SynchronousTierUp = true, TierUpHeat = tier == Tier.Auto ? 3 : null });

    private static bool Fetches(string name) => name.StartsWith("fetch", StringComparison.Ordinal) || name.EndsWith("exchange", StringComparison.Ordinal);

    private static string Text(string name, bool wide, (string Memory, long Offset) place, string form) =>
        "function slots=8 params=3 results=1 temps=4\n" + form
            .Replace("OP", (wide ? "i64.atomic." : "i32.atomic.") + name, StringComparison.Ordinal)
            .Replace("AT", string.Create(CultureInfo.InvariantCulture, $"{place.Memory}, +{(ulong)place.Offset}"), StringComparison.Ordinal)
            .Replace("Y", name == "compare_exchange" ? ", s" : "#", StringComparison.Ordinal)
            .Replace("#2", "", StringComparison.Ordinal)
            .Replace("#6", "", StringComparison.Ordinal) + "\n";

    private static (ulong Old, ulong After) Expect(string name, bool wide, ulong before, ulong x, ulong y)
    {
        ulong mask = wide ? ulong.MaxValue : uint.MaxValue;
        ulong old = before & mask;
        ulong changed = name switch
        {
            "add" or "fetch_add" => old + x,
            "or" or "fetch_or" => old | x,
            "and" or "fetch_and" => old & x,
            "xor" or "fetch_xor" => old ^ x,
            "exchange" => x,
            _ => old == (x & mask) ? y : old,
        };
        return (old, (before & ~mask) | (changed & mask));
    }

    private static void ExpectTrap(Target guest, TrapKind kind, ulong address)
    {
        guest.Fill(1);
        TrapException trap = Assert.Throws<TrapException>(() => guest.Run(0, address, guest.AddressOf(64), 1));
        Assert.Equal(kind, trap.Kind);
        Assert.Equal(0x20, trap.Frames[0].GuestOffset);
    }

    private static void ExpectNoRefusal(Engine engine, Tier tier)
    {
        EngineStatistics statistics = engine.GetStatistics();
        Assert.Equal(0, statistics.Refusals);
        if (tier is Tier.Threaded or Tier.Auto) Assert.True(statistics.FunctionsPredecoded > 0);
        if (tier == Tier.Threaded) Assert.Equal(0, statistics.FunctionsCompiled);
    }

    // A guest whose accesses at a place reach the same bytes, whatever the addressing mode.
    private sealed class Target : IDisposable
    {
        public const ulong Pattern = 0xA5A5_A5A5_5A5A_5A5A;

        private readonly TestGuest guest;
        private readonly byte* bytes;
        private readonly ulong lower;
        private readonly long offset;

        public Target(Engine engine, (string Memory, long Offset) place, params string[] functions)
        {
            var counts = TestCodeUnit.Counts(functions.Length, memories: 3);
            FunctionBody[] bodies = [.. functions.Select(BytecodeText.Parse)];
            foreach (FunctionBody body in bodies) BytecodeChecker.Check(body, counts);
            guest = new TestGuest(new TestCodeUnit(counts, bodies), engine);
            offset = place.Offset;
            string mode = place.Memory.Split('.')[1];
            if (mode is "guarded" or "checked")
            {
                AddressingMode kind = mode == "guarded" ? AddressingMode.Guarded : AddressingMode.Checked;
                for (int i = 0; i < 3; i++) guest.Memory(i, 2 * LinearMemory.PageBytes, 2 * LinearMemory.PageBytes, kind);
                MemoryState* memory = guest.Instance.Memories[place.Memory[1] - '0'];
                // Counted from behind the offset.
                bytes = memory->Base + offset;
                Length = memory->Length - (ulong)offset;
                return;
            }

            // Room for an address that is aligned.
            bytes = (byte*)(((nint)guest.Own(new NativeBlock((int)SectionBytes + 64)).Start + 63) & ~63);
            Length = SectionBytes;
            lower = mode == "trusted" ? (ulong)bytes : GuestBase;
            guest.Execution.Sections = new SectionTable();
            // The execution may have run another guest.
            SectionTable.Forget(guest.Execution);
            guest.Execution.Sections.Add(new Section(GuestBase, SectionBytes, (nint)bytes, IsWritable: true));
            guest.Execution.Sections.Add(new Section(GuestBase + 0x1_0000, SectionBytes, (nint)bytes, IsWritable: false));
            for (int i = 0; i < 3; i++) guest.Memory(i, 0, 0);
        }

        /// <summary>Bytes from the first one that <see cref="AddressOf"/> reaches.</summary>
        public ulong Length { get; }

        /// <summary>What to give as an address for an access to go to that byte.</summary>
        public ulong AddressOf(ulong at) => lower + at - (lower == 0 ? 0 : (ulong)offset);

        public ulong Word(int at) => *(ulong*)(bytes + at);

        public void Fill(ulong value)
        {
            for (int i = 0; i < 16; i++) ((ulong*)bytes)[i] = Pattern;
            *(ulong*)(bytes + 64) = value;
        }

        public ulong Run(int function, ulong a, ulong b, ulong c) => guest.Run(function, 1, a, b, c)[0];

        public void Dispose() => guest.Dispose();
    }
}
