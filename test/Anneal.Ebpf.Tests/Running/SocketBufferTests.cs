// Helpers of socket buffers: what they do to a packet, beside the kernel's test run where that is allowed.

using System.Buffers.Binary;
using System.Globalization;
using Anneal.Ebpf.Assembly;
using Anneal.Ebpf.Tests.Verification;
using Xunit;

namespace Anneal.Ebpf.Tests.Running;

public sealed class SocketBufferTests
{
    // VLAN: protocol 0x8100 in memory order is 129.
    public static TheoryData<string, string> Calls => new()
    {
        { "grow behind the link-layer header", Room(8, 1, "0") },
        { "grow behind the network header", Room(12, 0, "0") },
        { "grow for an outer IPv6", Room(40, 1, "4") },
        { "grow for an outer IPv4 and UDP", Room(28, 1, "18") },
        { "grow twice with an outer header", Room(20, 1, "2") + "\n" + Again(Room(20, 1, "2")) },
        { "grow for two outer headers", Room(20, 1, "6") },
        { "grow for an inner frame that's too short", Room(20, 1, "66") },
        { "shrink behind the network header", Room(-8, 0, "0") },
        { "shrink behind the link-layer header", Room(-20, 1, "0") },
        { "shrink to less than a header", Room(-40, 1, "0") },
        { "shrink more than there is", Room(-400, 1, "0") },
        { "shrink with an inner IPv6", Room(-4, 1, "256") },
        { "grow with an inner header", Room(4, 1, "128") },
        { "grow too far", Room(5000, 1, "0") },
        { "grow in no mode", Room(4, 2, "0") },
        { "grow with no flag", Room(4, 1, "512") },
        { "to IPv6", "mov %r2, 56710\nmov %r3, 0\ncall 31" },
        { "to IPv6 and back", "mov %r2, 56710\nmov %r3, 0\ncall 31\n" + Again("mov %r2, 8\nmov %r3, 0\ncall 31") },
        { "to IPv4 from it", "mov %r2, 8\nmov %r3, 0\ncall 31" },
        { "to IPv6 with flags", "mov %r2, 56710\nmov %r3, 1\ncall 31" },
        { "a tag", "mov %r2, 129\nmov %r3, 77\ncall 18" },
        { "two tags", "mov %r2, 129\nmov %r3, 77\ncall 18\n" + Again("mov %r2, 43144\nmov %r3, 5\ncall 18") },
        { "two tags and one off", "mov %r2, 129\nmov %r3, 77\ncall 18\n" + Again("mov %r2, 43144\nmov %r3, 5\ncall 18") + "\n" + Again("call 19") },
        { "three tags and two off", "mov %r2, 129\nmov %r3, 77\ncall 18\n" + Again("mov %r2, 129\nmov %r3, 5\ncall 18") + "\n" + Again("mov %r2, 129\nmov %r3, 6\ncall 18") + "\n" + Again("call 19") + "\n" + Again("call 19") + "\n" + Again("ldxw %r0, [%r6+24]") },
        { "no tag to take off", "call 19" },
        { "checksum level asked", "mov %r2, 0\ncall 135" },
        { "checksum level up", "mov %r2, 1\ncall 135\n" + Again("mov %r2, 1\ncall 135") + "\n" + Again("mov %r2, 0\ncall 135") },
        { "checksum level up and down", "mov %r2, 1\ncall 135\n" + Again("mov %r2, 2\ncall 135") + "\n" + Again("mov %r2, 0\ncall 135") },
        { "checksum level reset", "mov %r2, 1\ncall 135\n" + Again("mov %r2, 3\ncall 135") + "\n" + Again("mov %r2, 0\ncall 135") },
        { "checksum level otherwise", "mov %r2, 4\ncall 135" },
        { "checksum update", "mov %r2, 4\ncall 40" },
        { "hash set", "mov %r2, 1234\ncall 48\n" + Again("call 34") },
        { "packet type", "mov %r2, 3\ncall 32\n" + Again("ldxw %r0, [%r6+4]") },
        { "no packet type", "mov %r2, 8\ncall 32" },
        { "load from the link-layer header", Load(12, 0) },
        { "load from the network header", Load(2, 1) },
        { "load from no header", Load(2, 2) },
        { "load behind the end", Load(45, 1) },
        { "load in front", Load(-1, 0) },
        { "congestion of one who doesn't know", "call 97" },
        { "congestion", "mov %r2, 14\nstw [%r10-4], 0x1c000245\nmov %r3, %r10\nadd %r3, -4\nmov %r4, 4\nmov %r5, 0\ncall 9\n" + Again("call 97") },
        { "store behind the end", "mov %r2, 59\nstw [%r10-4], 1\nmov %r3, %r10\nadd %r3, -4\nmov %r4, 4\nmov %r5, 0\ncall 9" },
        { "store with flags", "mov %r2, 9\nstw [%r10-4], 1\nmov %r3, %r10\nadd %r3, -4\nmov %r4, 4\nmov %r5, 4\ncall 9" },
        { "checksum at an odd place", "mov %r2, 25\nmov %r3, 1\nmov %r4, 2\nmov %r5, 2\ncall 10" },
        { "checksum behind the end", "mov %r2, 60\nmov %r3, 1\nmov %r4, 2\nmov %r5, 2\ncall 11" },
        { "class", "call 17" },
        { "realm", "call 24" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void The_kernel_does_the_same(string what, string calls)
    {
        Assert.NotEmpty(what);
        string text = $"mov %r6, %r1\n{calls}\nexit";
        byte[] packet = Packets.Udp(53, payload: 18);
        packet[17] = (byte)(packet.Length - 14);
        var program = new EbpfProgram("p", ProgramTypes.Classifier, PlainAssembler.Assemble(text));
        uint? result = null;
        byte[] expected = [];
        if (KernelVerifier.Unavailable() is null)
        {
            using var kernel = new KernelVerifier();
            result = kernel.Run(program, packet, out expected);
        }

        EachWay.Run(ProgramTypes.Classifier, text, [], (loaded, _) =>
        {
            byte[] output = new byte[packet.Length + 600];
            RunResult given = loaded.RunCopy(packet, output);
            int length = given.Length;
            uint own = (uint)given.Value;
            if (result is null)
            {
                result = own;
                expected = output[..length];
            }

            Assert.Equal((int)result.Value, (int)own);
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(output.AsSpan(0, length)));
        });
    }

    [Fact]
    public void A_flow_has_one_hash_in_both_directions()
    {
        EachWay.Run(ProgramTypes.Classifier, "mov %r6, %r1\ncall 34\nmov %r7, %r0\nldxw %r1, [%r6+68]\nxor %r1, %r0\nlsh %r1, 32\nor %r0, %r1\nexit", [], (program, _) =>
        {
            byte[] packet = Packets.Udp(53), other = Packets.Udp(54), back = Packets.Udp(53, source: 0x0200000A, destination: 0x0100000A);
            BinaryPrimitives.WriteUInt16BigEndian(back.AsSpan(34), 53);
            BinaryPrimitives.WriteUInt16BigEndian(back.AsSpan(36), 0);
            ulong hash = program.Run(packet);
            Assert.InRange(hash, 1ul, uint.MaxValue);
            Assert.Equal(hash, program.Run(back));
            Assert.NotEqual(hash, program.Run(other));
            Assert.InRange(program.Run(new byte[3]), 1ul, uint.MaxValue);
        });
    }

    [Theory]
    [InlineData("mov %r2, 0\nmov %r3, 0\nmov %r4, 0\ncall 50", "xdp")]
    [InlineData("call 173", "xdp")]
    [InlineData("mov %r1, 1\nmov %r2, 0\ncall 155", "xdp")]
    [InlineData("call 35", "tracing")]
    [InlineData("call 80", "tracing")]
    public void Helpers_that_arent_there_are_refused_by_name(string text, string type)
    {
        foreach (SafetyMode mode in new[] { SafetyMode.Verified, SafetyMode.Sandboxed })
        {
            using var engine = new Engine(new EngineOptions { Tier = Tier.Portable });
            using var runtime = new EbpfRuntime(engine, new EbpfOptions { Mode = mode });
            ProgramType kind = type == "xdp" ? ProgramTypes.Xdp : ProgramTypes.Tracing;
            Exception refusal = Assert.ThrowsAny<Exception>(() => runtime.Load(new EbpfProgram("p", kind, PlainAssembler.Assemble(text + "\nexit"))));
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{text[(text.LastIndexOf(' ') + 1)..]}"), refusal.Message, StringComparison.Ordinal);
        }
    }

    private static string Again(string call) => "mov %r1, %r6\n" + call;

    private static string Room(int distance, int mode, string flags) =>
        string.Create(CultureInfo.InvariantCulture, $"mov %r2, {distance}\nmov %r3, {mode}\nmov %r4, {flags}\ncall 50");

    private static string Load(int offset, int start) =>
        string.Create(CultureInfo.InvariantCulture, $"stw [%r10-4], -1\nmov %r2, {offset}\nmov %r3, %r10\nadd %r3, -4\nmov %r4, 4\nmov %r5, {start}\ncall 68\nldxw %r1, [%r10-4]\nxor %r0, %r1");
}
