namespace Anneal.Ebpf.Tests.Verification;

/// <summary>A small program and what the verifier must say of it.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Text">The program.</param>
/// <param name="Reason">A part of the message that refuses it; null if it's accepted.</param>
/// <param name="Slot">The slot that the message must name; -1: any.</param>
internal sealed record VerifierCase(string Name, string Text, string? Reason = null, int Slot = -1)
{
    public ProgramType Type { get; init; } = ProgramTypes.Xdp;

    /// <summary>Reads a map's value at key 0 into r0 (or goes to "out" if there's none), using the stack at -4.</summary>
    public static string Lookup(string map, string otherwise = "out") =>
        $"*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[{map}] ll; call 1; if r0 == 0 goto {otherwise};";

    /// <summary>Packet start in r2, end in r3, and a check that the first bytes are there.</summary>
    public static string Packet(int bytes, string otherwise = "out") =>
        $"r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += {bytes}; if r4 > r3 goto {otherwise};";

    public const string Out = "out: r0 = 0; exit";
}
