// Accesses in sectioned mode: the registry by itself, and the same accesses on each tier, around every bound.

using Anneal.Bytecode;
using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests.Runtime;

public sealed unsafe class SectionTests
{
    private static readonly Tier[] Tiers = [Tier.Portable, Tier.Threaded, Tier.Baseline];

    [Fact]
    public void Sections_are_found_by_address()
    {
        using var execution = new Execution(64 << 10);
        var table = new SectionTable();
        table.Add(new Section(0x2000, 0x100, 0x5000, IsWritable: true));
        table.Add(new Section(0x1000, 0x10, 0x9000, IsWritable: false));
        table.Add(new Section(ulong.MaxValue - 16, 16, 0x7000, IsWritable: true));
        table.Add(new Section(0x3000, 0, 0x7000, IsWritable: true));
        Assert.Equal(3, table.Count);
        Assert.Equal(0x9000, (nint)table.Find(0x1000, 16, writes: false));
        Assert.Equal(0, (nint)table.Find(0x1000, 17, writes: false));
        Assert.Equal(0, (nint)table.Find(0x1000, 1, writes: true));
        Assert.Equal(0x9010, (nint)table.Find(0x1010, 0, writes: false));
        Assert.Equal(0, (nint)table.Find(0xFFF, 1, writes: false));
        Assert.Equal(0x50FF, (nint)table.Find(0x20FF, 1, writes: true));
        Assert.Equal(0, (nint)table.Find(0x20FF, 2, writes: true));
        Assert.Equal(0, (nint)table.Find(0x2001, ulong.MaxValue, writes: true));
        Assert.Equal(0x700F, (nint)table.Find(ulong.MaxValue - 1, 1, writes: true));
        Assert.True(table.TryFind(0x20FF, out Section found));
        Assert.Equal(0x2000ul, found.Lower);
        Assert.False(table.TryFind(0x2100, out _));
        Assert.Throws<ArgumentException>(() => table.Add(new Section(0x20FF, 2, 0, IsWritable: true)));
        Assert.Throws<ArgumentException>(() => table.Add(new Section(0x1FFF, 2, 0, IsWritable: true)));
        Assert.Throws<ArgumentException>(() => table.Add(new Section(0x1800, 0x10000, 0, IsWritable: true)));
        Assert.Throws<ArgumentException>(() => table.Add(new Section(ulong.MaxValue, 2, 0, IsWritable: true)));
        table.Remove(execution, 0x2000);
        Assert.False(table.Contains(0x2000));
        Assert.Equal(0, (nint)table.Find(0x2000, 1, writes: false));
    }

    [Theory]
    [InlineData("i64.load8_u", 1)]
    [InlineData("i64.load16_u", 2)]
    [InlineData("i64.load32_u", 4)]
    [InlineData("i64.load", 8)]
    public void Loads_end_where_the_section_does(string load, int width)
    {
        foreach (Tier tier in Tiers)
        {
            foreach (long offset in new long[] { 0, 3, -3, 0x12345, 0x8000_0000, 0x1234_5678_9ABC })
            {
                using var engine = new Engine(new EngineOptions { Tier = tier });
                FunctionBody body = BytecodeText.Parse($"function slots=1 params=1 results=1 temps=1\n{load} s0, s0, m3.sectioned, +{(ulong)offset}\nret");
                using var guest = new TestGuest(TestCodeUnit.Of(body), engine);
                var memory = guest.Own(new NativeBlock(64));
                for (int i = 0; i < 64; i++) ((byte*)memory.Start)[i] = (byte)(i + 1);
                // 16 bytes for the guest, 24 bytes into the block.
                guest.Execution.Sections = new SectionTable();
                guest.Execution.Sections.Add(new Section(0x1_0000_0000, 16, (nint)memory.Start + 24, IsWritable: false));
                for (int round = 0; round < 2; round++)
                {
                    for (int at = -10; at < 26; at++)
                    {
                        ulong address = 0x1_0000_0000ul + (ulong)at - (ulong)offset;
                        if (at < 0 || at + width > 16)
                        {
                            Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => guest.Run(0, 1, address)).Kind);
                            continue;
                        }

                        ulong expected = 0;
                        for (int i = width - 1; i >= 0; i--) expected = (expected << 8) | (byte)(24 + at + i + 1);
                        Assert.Equal(expected, guest.Run(0, 1, address)[0]);
                    }
                }

                foreach (ulong far in new ulong[] { 0, 1, ulong.MaxValue, ulong.MaxValue - 7, long.MaxValue, 0x1_0000_0000ul + (1ul << 63) })
                    Assert.Throws<TrapException>(() => guest.Run(0, 1, far - (ulong)offset));
            }
        }
    }

    [Fact]
    public void Stores_and_atomics_need_a_section_that_can_be_written()
    {
        foreach (Tier tier in Tiers)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var guest = new TestGuest(
                TestCodeUnit.Of(
                    BytecodeText.Parse("function slots=2 params=2 results=1 temps=2\ni64.store32 s0, s1, m0.sectioned, +4\ni64.load s0, s0, m0.sectioned, +0\nret"),
                    BytecodeText.Parse("function slots=2 params=2 results=1 temps=2\ni64.atomic.fetch_add s1, s0, m0.sectioned, +0, s1\nmov s0, s1\nret"),
                    BytecodeText.Parse("function slots=1 params=1 results=1 temps=1\ni64.load s0, s0, m0.sectioned, +0\nret")),
                engine);
            var memory = guest.Own(new NativeBlock(32));
            guest.Execution.Sections = new SectionTable();
            guest.Execution.Sections.Add(new Section(0x1000, 16, (nint)memory.Start, IsWritable: true));
            guest.Execution.Sections.Add(new Section(0x2000, 16, (nint)memory.Start, IsWritable: false));
            Assert.Equal(7ul << 32, guest.Run(0, 1, 0x1000, 7)[0]);
            Assert.Equal(7ul << 32, guest.Run(1, 1, 0x1000, 5)[0]);
            Assert.Equal((7ul << 32) + 5, guest.Run(2, 1, 0x2000)[0]);
            Assert.Throws<TrapException>(() => guest.Run(0, 1, 0x2000, 7));
            Assert.Throws<TrapException>(() => guest.Run(1, 1, 0x2000, 7));
            Assert.Throws<TrapException>(() => guest.Run(1, 1, 0x1009, 7));
            Assert.Equal((7ul << 32) + 5, guest.Run(2, 1, 0x1000)[0]);

            // What is taken away is gone at once, also where a cell knew it.
            guest.Execution.Sections.Remove(guest.Execution, 0x1000);
            Assert.Throws<TrapException>(() => guest.Run(2, 1, 0x1000));
            Assert.Throws<TrapException>(() => guest.Run(1, 1, 0x1000, 1));
            guest.Execution.Sections = null;
            SectionTable.Forget(guest.Execution);
            Assert.Throws<TrapException>(() => guest.Run(2, 1, 0x2000));
        }
    }

    [Fact]
    public void A_miss_keeps_all_registers()
    {
        // As many values as there are registers are alive across accesses that all miss: two sections take turns in one cell.
        var text = new System.Text.StringBuilder("function slots=24 params=3 results=1 temps=24\n");
        for (int i = 3; i < 24; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"i64.add.k s{i}, s2, {i}\n");
        for (int i = 0; i < 4; i++) text.Append("i64.load s3, s0, m1.sectioned, +0\ni64.add s2, s2, s3\ni64.load s3, s1, m1.sectioned, +0\ni64.add s2, s2, s3\n");
        for (int i = 4; i < 24; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"i64.mul.k s2, s2, 3\ni64.add s2, s2, s{i}\n");
        text.Append("ret.1 s2\n");
        ulong expected = 1000 + (4 * (5 + 7));
        for (int i = 4; i < 24; i++) expected = (expected * 3) + 1000 + (ulong)i;
        foreach (Tier tier in Tiers)
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var guest = new TestGuest(TestCodeUnit.Of(BytecodeText.Parse(text.ToString())), engine);
            var memory = guest.Own(new NativeBlock(16));
            ((ulong*)memory.Start)[0] = 5;
            ((ulong*)memory.Start)[1] = 7;
            guest.Execution.Sections = new SectionTable();
            guest.Execution.Sections.Add(new Section(0x1000, 8, (nint)memory.Start, IsWritable: false));
            guest.Execution.Sections.Add(new Section(0x2000, 8, (nint)memory.Start + 8, IsWritable: false));
            Assert.Equal(expected, guest.Run(0, 1, 0x1000, 0x2000, 1000)[0]);
        }
    }
}
