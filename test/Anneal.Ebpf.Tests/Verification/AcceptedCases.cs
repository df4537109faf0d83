using static Anneal.Ebpf.Tests.Verification.VerifierCase;

namespace Anneal.Ebpf.Tests.Verification;

/// <summary>Programs that are safe, each for a reason that a verifier has to understand.</summary>
internal static class AcceptedCases
{
    public static VerifierCase[] All { get; } =
    [
        // Numbers
        new("return a constant", "r0 = 0; exit"),
        new("all 64-bit arithmetic", "r0 = 7; r1 = 3; r0 += r1; r0 -= r1; r0 *= r1; r0 /= r1; r0 |= r1; r0 &= r1; r0 <<= r1; r0 >>= r1; r0 = -r0; r0 %= r1; r0 ^= r1; r0 s>>= r1; r0 s/= r1; r0 s%= r1; exit"),
        new("all 32-bit arithmetic", "w0 = 7; w1 = 3; w0 += w1; w0 -= w1; w0 *= w1; w0 /= w1; w0 |= w1; w0 &= w1; w0 <<= w1; w0 >>= w1; w0 = -w0; w0 %= w1; w0 ^= w1; w0 s>>= w1; w0 s/= w1; w0 s%= w1; exit"),
        new("byte swaps", "r0 = 0x123456 ll; r0 = be16 r0; r0 = le32 r0; r0 = bswap64 r0; exit"),
        new("sign-extending moves", "r1 = -1; r0 = (s8)r1; r0 = (s16)r1; r0 = (s32)r1; w0 = (s8)w1; w0 = (s16)w1; exit"),
        new("division by a register that may be zero", "call 7; r1 = r0; r0 = 10; r0 /= r1; r0 %= r1; exit"),
        new("xor of a register with itself", "call 7; r0 ^= r0; r1 = r10; r1 += -8; r1 += r0; *(u64 *)(r1 + 0) = 1; exit"),
        new("jump over nothing", "r0 = 0; goto end; end: exit"),
        new("long jump", "r0 = 0; gotol end; end: exit"),
        new("code that a constant condition makes dead", "r0 = 0; r1 = 1; if r1 == 1 goto end; r0 = *(u64 *)(r2 + 0); end: exit"),
        new("all conditions on numbers", """
            call 7; r1 = r0; call 7; r0 = r0
            r1 = 5
            if r0 == r1 goto a; a: if r0 != 3 goto b; b: if r0 > r1 goto c; c: if r0 >= 3 goto d; d: if r0 < r1 goto e
            e: if r0 <= 3 goto f; f: if r0 s> r1 goto g; g: if r0 s>= 3 goto h; h: if r0 s< r1 goto i; i: if r0 s<= 3 goto j
            j: if r0 & 4 goto k; k: if w0 == w1 goto l; l: if w0 s< 3 goto m; m: r0 = 0; exit
            """),

        // Stack
        new("stack round trip", "*(u64 *)(r10 - 8) = 5; r0 = *(u64 *)(r10 - 8); exit"),
        new("stack, all widths", "r1 = 1; *(u8 *)(r10 - 1) = r1; *(u16 *)(r10 - 4) = r1; *(u32 *)(r10 - 8) = r1; *(u64 *)(r10 - 16) = r1; r0 = *(u8 *)(r10 - 1); r0 = *(u16 *)(r10 - 4); r0 = *(u32 *)(r10 - 8); r0 = *(u64 *)(r10 - 16); exit"),
        new("stack, whole depth", "*(u64 *)(r10 - 512) = 0; r0 = *(u64 *)(r10 - 512); exit"),
        new("stored pointer comes back", "*(u64 *)(r10 - 8) = r1; r2 = *(u64 *)(r10 - 8); r0 = *(u32 *)(r2 + 12); exit"),
        new("stored constant keeps its value in parts", "r1 = 0x0000000800000004 ll; *(u64 *)(r10 - 8) = r1; r2 = *(u32 *)(r10 - 4); r3 = r10; r3 -= r2; *(u64 *)(r3 + 0) = 1; r0 = 0; exit"),
        new("two halves make a whole", "*(u32 *)(r10 - 8) = 8; *(u32 *)(r10 - 4) = 0; r2 = *(u64 *)(r10 - 8); r3 = r10; r3 -= r2; *(u64 *)(r3 + 0) = 1; r0 = 0; exit"),
        new("sign-extending load from the stack", "*(u32 *)(r10 - 4) = -8; r1 = *(s32 *)(r10 - 4); r2 = r10; r2 += r1; *(u64 *)(r2 + 0) = 1; r0 = 0; exit"),
        new("zero bytes are known", "*(u64 *)(r10 - 8) = 0; r1 = *(u8 *)(r10 - 5); r2 = r10; r2 += -8; r2 += r1; *(u64 *)(r2 + 0) = 1; r0 = 0; exit"),
        new("bytes that cross a slot", "*(u64 *)(r10 - 8) = 0; *(u64 *)(r10 - 16) = 0; r0 = *(u32 *)(r10 - 8); *(u32 *)(r10 - 8) = 1; r0 = *(u32 *)(r10 - 12); exit"),
        new("variable store into written stack", "*(u64 *)(r10 - 16) = 0; *(u64 *)(r10 - 8) = 0; call 7; r0 &= 8; r1 = r10; r1 += -16; r1 += r0; *(u64 *)(r1 + 0) = 7; r0 = *(u64 *)(r10 - 16); exit"),
        new("variable load from written stack", "*(u64 *)(r10 - 16) = 0; *(u64 *)(r10 - 8) = 0; call 7; r0 &= 8; r1 = r10; r1 += -16; r1 += r0; r0 = *(u64 *)(r1 + 0); exit"),
        new("signed bounds from both sides", "*(u64 *)(r10 - 16) = 0; *(u64 *)(r10 - 8) = 0; call 7; if r0 s< 0 goto out; if r0 s> 8 goto out; r1 = r10; r1 += -16; r1 += r0; r0 = *(u8 *)(r1 + 0); exit; out: r0 = 0; exit"),
        new("copies of a number are bounded together", "*(u64 *)(r10 - 16) = 0; *(u64 *)(r10 - 8) = 0; call 7; r6 = r0; if r0 > 8 goto out; r1 = r10; r1 += -16; r1 += r6; r0 = *(u8 *)(r1 + 0); exit; out:\nr0 = 0; exit"),
        new("a stored number is bounded with its copy", "*(u64 *)(r10 - 24) = 0; *(u64 *)(r10 - 16) = 0; call 7; *(u64 *)(r10 - 8) = r0; if r0 > 8 goto out; r2 = *(u64 *)(r10 - 8); r1 = r10; r1 += -24; r1 += r2; r0 = *(u8 *)(r1 + 0); exit; out:\nr0 = 0; exit"),
        new("the difference of stack pointers is a number", "r1 = r10; r1 += -8; r2 = r10; r2 -= r1; r0 = 0; exit"),

        // Context
        new("context fields", "r0 = *(u32 *)(r1 + 12); r0 = *(u32 *)(r1 + 16); r0 = *(u32 *)(r1 + 20); exit"),
        new("context moved there and back", "r1 += 4; r1 -= 4; r0 = *(u32 *)(r1 + 12); exit"),
        new("context write", "*(u32 *)(r1 + 8) = 5; r0 = 0; exit") { Type = ProgramTypes.Classifier },
        new("context array field", "r0 = *(u32 *)(r1 + 64); *(u32 *)(r1 + 48) = 1; exit") { Type = ProgramTypes.Classifier },

        // Packets
        new("packet byte", Packet(1) + "r0 = *(u8 *)(r2 + 0); exit;" + Out),
        new("packet word, end on the left", "r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 8; if r3 < r4 goto out; r0 = *(u64 *)(r2 + 0); exit;" + Out),
        new("packet, end greater or equal", "r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 8; if r3 >= r4 goto ok; r0 = 0; exit; ok:\nr0 = *(u64 *)(r2 + 0); exit"),
        new("packet, strictly less", "r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 7; if r4 < r3 goto ok; r0 = 0; exit; ok:\nr0 = *(u64 *)(r2 + 0); exit"),
        new("packet, less or equal", "r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 8; if r4 <= r3 goto ok; r0 = 0; exit; ok:\nr0 = *(u64 *)(r2 + 0); exit"),
        new("packet, greater or equal", "r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 7; if r4 >= r3 goto out; r0 = *(u64 *)(r2 + 0); exit;" + Out),
        new("packet, end strictly greater", "r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 7; if r3 > r4 goto ok; r0 = 0; exit; ok:\nr0 = *(u64 *)(r2 + 0); exit"),
        new("packet, end less or equal", "r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 7; if r3 <= r4 goto out; r0 = *(u64 *)(r2 + 0); exit;" + Out),
        new("packet write", Packet(14) + "*(u16 *)(r2 + 12) = 8; r0 = 0; exit;" + Out),
        new("a stored packet pointer is bounded with its copies", "r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); *(u64 *)(r10 - 8) = r2; r4 = r2; r4 += 14; if r4 > r3 goto out; r5 = *(u64 *)(r10 - 8); r0 = *(u8 *)(r5 + 13); exit;" + Out),
        new("packet at a variable offset", Packet(14) + "r5 = *(u8 *)(r2 + 0); r5 &= 15; r5 <<= 2; r2 += r5; r4 = r2; r4 += 20; if r4 > r3 goto out; r0 = *(u8 *)(r2 + 19); exit;" + Out),
        new("packet behind a moved pointer", Packet(14) + "r4 -= 1; r0 = *(u8 *)(r4 + 0); exit;" + Out),
        new("packet metadata", "r2 = *(u32 *)(r1 + 8); r3 = *(u32 *)(r1 + 0); r4 = r2; r4 += 4; if r4 > r3 goto out; r0 = *(u32 *)(r2 + 0); exit;" + Out),
        new("packet length", "r2 = *(u32 *)(r1 + 0); r0 = *(u32 *)(r1 + 4); r0 -= r2; exit"),
        new("packet to a helper", "r6 = r1;" + Packet(8) + "r1 = r2; r2 = 8; r3 = 0; r4 = 0; r5 = 0; call 28; exit;" + Out),
        new("packet loaded again after the head moved", "r6 = r1; r2 = 0; call 44; r1 = r6;" + Packet(1) + "r0 = *(u8 *)(r2 + 0); exit;" + Out),
        new("legacy packet loads", "r6 = r1; r0 = *(u8 *)skb[0]; r7 = r0; r0 = *(u16 *)skb[r7]; r0 = *(u32 *)skb[20]; exit") { Type = ProgramTypes.SocketFilter },
        new("loop over packet bytes", "r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r5 = 0; r0 = 0; loop:\nr4 = r2; r4 += 1; if r4 > r3 goto done; r4 = *(u8 *)(r2 + 0); r0 += r4; r2 += 1; r5 += 1; if r5 < 50 goto loop; done:\nr0 = 0; exit"),

        // Maps
        new("map look-up", Lookup("array") + "r0 = *(u64 *)(r0 + 8); exit;" + Out),
        new("map value, all of it", Lookup("bytes") + "r1 = *(u8 *)(r0 + 12); *(u32 *)(r0 + 9) = 1; r0 = r1; exit;" + Out),
        new("all copies of a map value are checked at once", "*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[bytes] ll; call 1; r6 = r0; *(u64 *)(r10 - 16) = r0; if r0 == 0 goto out; *(u64 *)(r6 + 0) = 1; r7 = *(u64 *)(r10 - 16); *(u64 *)(r7 + 5) = 1; r0 = 0; exit;" + Out),
        new("null check by inequality", "*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[bytes] ll; call 1; if r0 != 0 goto ok; exit; ok:\nr0 = *(u8 *)(r0 + 0); exit"),
        new("array element that must exist", "*(u32 *)(r10 - 4) = 7; r2 = r10; r2 += -4; r1 = map[array] ll; call 1; r0 = *(u8 *)(r0 + 0); exit"),
        new("null is a number afterwards", "*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[bytes] ll; call 1; if r0 != 0 goto ok; r1 = r10; r1 += -8; r1 += r0; *(u64 *)(r1 + 0) = 1; exit; ok:\nr0 = 0; exit"),
        new("masked index", Lookup("array") + "r6 = r0; call 7; r0 &= 15; r6 += r0; r0 = *(u8 *)(r6 + 0); exit;" + Out),
        new("compared index", Lookup("array") + "r6 = r0; call 7; if r0 > 8 goto out; r6 += r0; r0 = *(u64 *)(r6 + 0); exit;" + Out),
        new("index compared as 32 bits", Lookup("array") + "r6 = r0; call 7; w7 = w0; if w7 > 12 goto out; r6 += r7; r0 = *(u32 *)(r6 + 0); exit;" + Out),
        new("index from a remainder", Lookup("array") + "r6 = r0; call 7; w0 %= 16; r6 += r0; r0 = *(u8 *)(r6 + 0); exit;" + Out),
        new("index from a shift", Lookup("array") + "r6 = r0; call 7; w0 >>= 28; r6 += r0; r0 = *(u8 *)(r6 + 0); exit;" + Out),
        new("index bounded by a tested bit", Lookup("array") + "r6 = r0; call 7; w0 &= 31; if r0 & 16 goto out; r6 += r0; r0 = *(u8 *)(r6 + 0); exit;" + Out),
        new("negative and back", Lookup("array") + "r6 = r0; r6 += 100; r6 -= 92; r0 = *(u64 *)(r6 + 0); exit;" + Out),
        new("index minus its lower bound", Lookup("array") + "r6 = r0; call 7; if r0 < 100 goto out; if r0 > 115 goto out; r0 += -100; r6 += r0; r0 = *(u8 *)(r6 + 0); exit;" + Out),
        new("map update and delete", "*(u64 *)(r10 - 8) = 1; *(u64 *)(r10 - 16) = 0; *(u64 *)(r10 - 24) = 0; *(u64 *)(r10 - 32) = 0; *(u64 *)(r10 - 40) = 0; r1 = map[hash] ll; r2 = r10; r2 += -8; r3 = r10; r3 += -40; r4 = 0; call 2; r1 = map[hash] ll; r2 = r10; r2 += -8; call 3; r0 = 0; exit"),
        new("global variable", "r1 = map[data]+8 ll; r0 = *(u64 *)(r1 + 0); *(u64 *)(r1 + 48) = r0; exit"),
        new("constant in frozen memory is known", "r1 = map[rodata]+0 ll; r2 = *(u8 *)(r1 + 2); r3 = r10; r3 += -8; r3 += r2; *(u64 *)(r3 + 0) = 1; r0 = 0; exit"),
        new("write-only map", "*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[writeonly] ll; call 1; if r0 == 0 goto out; *(u64 *)(r0 + 0) = 1; r0 = 0; exit;" + Out),
        new("map in a map", Lookup("outer") + "r1 = r0; *(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; call 1; if r0 == 0 goto out; r0 = *(u64 *)(r0 + 0); exit;" + Out),
        new("key in a map value", Lookup("array") + "r2 = r0; r1 = map[array] ll; call 1; r0 = 0; exit;" + Out),
        new("atomics", Lookup("array") + "r1 = 1; lock *(u64 *)(r0 + 0) += r1; lock *(u32 *)(r0 + 8) |= r1; lock *(u64 *)(r0 + 0) &= r1; lock *(u64 *)(r0 + 8) ^= r1; lock *(u64 *)(r0 + 0) fetch+= r1; lock *(u64 *)(r0 + 8) xchg r1; r2 = r0; r0 = 1; lock *(u32 *)(r2 + 4) cmpxchg r1; r0 = 0; exit;" + Out),
        new("atomics on the stack", "*(u64 *)(r10 - 8) = 0; r1 = 1; lock *(u64 *)(r10 - 8) fetch+= r1; lock *(u32 *)(r10 - 4) += r1; r0 = *(u64 *)(r10 - 8); exit"),

        // Loops
        new("counted loop", "r0 = 0; r1 = 0; loop:\nr0 += r1; r1 += 1; if r1 < 100 goto loop; exit"),
        new("long counted loop", "r0 = 0; r1 = 0; loop:\nr0 += 3; r1 += 1; if r1 != 100000 goto loop; exit"),
        new("nested loops", "r0 = 0; r1 = 0; outer:\nr2 = 0; inner:\nr0 += r2; r2 += 1; if r2 < 30 goto inner; r1 += 1; if r1 < 30 goto outer; r0 = 0; exit"),
        new("loop that indexes a map value", Lookup("data") + "r1 = 0; r2 = 0; loop:\nr3 = r0; r3 += r1; r4 = *(u8 *)(r3 + 0); r2 += r4; r1 += 1; if r1 < 64 goto loop; r0 = r2; exit;" + Out),
        new("loop that may end early", "r6 = 0; loop:\ncall 7; if r0 == 5 goto out; r6 += 1; if r6 < 1000 goto loop;" + Out),
        new("many ways that join", string.Concat(Enumerable.Range(0, 60).Select(n => $"call 7; if r0 > {n} goto l{n}; r6 = {n}; l{n}:\n")) + "r0 = 0; exit"),
        new("halving loop", "call 7; w6 = w0; r0 = 0; loop:\nr0 += 1; r6 >>= 1; if r6 != 0 goto loop; exit"),

        // Calls
        new("subprogram", "r1 = 2; r2 = 3; call add; exit; add:\nr0 = r1; r0 += r2; exit"),
        new("saved registers survive", "r6 = r1; r1 = 0; call f; r0 = *(u32 *)(r6 + 12); exit; f:\nr6 = 1; r7 = 2; r0 = 0; exit"),
        new("subprogram writes its caller's stack", "r1 = r10; r1 += -8; call f; r0 = *(u64 *)(r10 - 8); exit; f:\n*(u64 *)(r1 + 0) = 7; r0 = 0; exit"),
        new("subprogram returns a map value", "call f; if r0 == 0 goto out; r0 = *(u64 *)(r0 + 0); exit; out:\nr0 = 0; exit; f:\n*(u32 *)(r10 - 4) = 0; r2 = r10; r2 += -4; r1 = map[array] ll; call 1; exit"),
        new("seven calls deep", "call a; exit; a:\ncall b; exit; b:\ncall c; exit; c:\ncall d; exit; d:\ncall e; exit; e:\ncall f; exit; f:\ncall g; exit; g:\nr0 = 0; exit"),
        new("frames share the stack", "*(u64 *)(r10 - 256) = 0; call f; exit; f:\n*(u64 *)(r10 - 256) = 0; r0 = 0; exit"),
        new("bounds from a subprogram", "r1 = 77; call f; r1 = r10; r1 += -8; r1 += r0; *(u8 *)(r1 + 0) = 1; r0 = 0; exit; f:\nr0 = r1; r0 &= 7; exit"),
        new("callback loop", "r1 = 10; r2 = body ll; r3 = 0; r4 = 0; call 181; r0 = 0; exit; body:\nr0 = 0; exit"),
        new("callback loop with a context", "*(u64 *)(r10 - 8) = 0; r1 = 100; r2 = body ll; r3 = r10; r3 += -8; r4 = 0; call 181; r0 = *(u64 *)(r10 - 8); r0 = 0; exit; body:\nr3 = *(u64 *)(r2 + 0); r3 += r1; *(u64 *)(r2 + 0) = r3; r0 = 0; exit"),
        new("callback index is bounded by the rounds", Lookup("array") + "*(u64 *)(r10 - 16) = r0; r1 = 16; r2 = body ll; r3 = r10; r3 += -16; r4 = 0; call 181; out:\nr0 = 0; exit; body:\nr3 = *(u64 *)(r2 + 0); r3 += r1; *(u8 *)(r3 + 0) = 1; r0 = 0; exit"),
        new("counted loop around a callback", "*(u64 *)(r10 - 8) = 0; loop:\nr1 = 4; r2 = body ll; r3 = r10; r3 += -16; *(u64 *)(r10 - 16) = 0; r4 = 0; call 181; r1 = *(u64 *)(r10 - 8); r1 += 1; *(u64 *)(r10 - 8) = r1; if r1 != 13 goto loop; r0 = 0; exit; body:\n*(u64 *)(r2 + 0) = 5; r0 = 0; exit"),
        new("callback that stops", "r1 = 10; r2 = body ll; r3 = 0; r4 = 0; call 181; r0 = 0; exit; body:\nr0 = 0; if r1 < 5 goto go; r0 = 1; go:\nexit"),
        new("for each element", "r1 = map[array] ll; r2 = body ll; r3 = 0; r4 = 0; call 164; r0 = 0; exit; body:\nr0 = *(u32 *)(r2 + 0); r0 = *(u64 *)(r3 + 8); *(u64 *)(r3 + 0) = r0; r0 = 0; exit"),
        new("tail call", "r2 = map[progs] ll; r3 = 0; call 12; r0 = 0; exit"),

        // Helpers
        new("acquired memory is given back", "r1 = map[ring] ll; r2 = 16; r3 = 0; call 131; if r0 == 0 goto out; *(u64 *)(r0 + 8) = 1; r1 = r0; r2 = 0; call 132;" + Out),
        new("acquired memory is thrown away", "r1 = map[ring] ll; r2 = 16; r3 = 0; call 131; if r0 == 0 goto out; r1 = r0; r2 = 0; call 133;" + Out),
        new("acquired memory through the stack", "r1 = map[ring] ll; r2 = 8; r3 = 0; call 131; *(u64 *)(r10 - 8) = r0; if r0 == 0 goto out; r1 = *(u64 *)(r10 - 8); r2 = 0; call 132;" + Out),
        new("acquired memory is given back by a subprogram", "r1 = map[ring] ll; r2 = 8; r3 = 0; call 131; if r0 == 0 goto out; r1 = r0; call f; out:\nr0 = 0; exit; f:\nr2 = 0; call 132; r0 = 0; exit"),
        new("helper fills memory", "r2 = 0; r3 = r10; r3 += -16; r4 = 16; call 189; r0 = *(u64 *)(r10 - 8); exit"),
        new("helper reads bounded memory", "*(u64 *)(r10 - 8) = 0; *(u64 *)(r10 - 16) = 0; call 7; r0 &= 15; r3 = r0; r1 = map[ring] ll; r2 = r10; r2 += -16; r4 = 0; call 130; r0 = 0; exit"),
        new("null memory of no bytes", "r1 = 0; r2 = 0; r3 = 0; r4 = 0; r5 = 0; call 28; r0 = 0; exit"),
        new("result out of an argument", "*(u32 *)(r10 - 4) = 48; r1 = r10; r1 += -4; r2 = 4; r3 = 0; r4 = r10; r4 += -16; call 105; r0 = *(u64 *)(r10 - 16); exit"),
        new("format string in frozen memory", "*(u64 *)(r10 - 8) = 5; r1 = r10; r1 += -24; r2 = 16; r3 = map[rodata]+0 ll; r4 = r10; r4 += -8; r5 = 8; *(u64 *)(r10 - 16) = 0; *(u64 *)(r10 - 24) = 0; call 165; r0 = 0; exit"),
        new("declared bounds of a result", Lookup("large") + "r6 = r0; call 8; r6 += r0; r0 = *(u8 *)(r6 + 0); exit;" + Out),
        new("helper of the program's type", "r2 = 0; r3 = r10; r3 += -8; r4 = 8; call 26; r0 = 0; exit") { Type = ProgramTypes.Classifier },
        new("verdict in range", "call 7; w0 &= 1; exit") { Type = ProgramTypes.CgroupSkb },
        new("tracing context", "r0 = *(u64 *)(r1 + 8); exit") { Type = ProgramTypes.Tracing },
    ];
}
