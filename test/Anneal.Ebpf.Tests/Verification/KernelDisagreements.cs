// Why one verifier accepts a random program and the other doesn't, by what the refusing one says. docs/ebpf-verifier.md has the same list.

using System.Text.RegularExpressions;

namespace Anneal.Ebpf.Tests.Verification;

internal static partial class KernelDisagreements
{
    public const string Unexplained = "UNEXPLAINED: ", TooComplexHere = "too complex";

    private const string KnowsLess = "it knows less of a number", TooComplex = "too complex for it";
    private const string Rounds = "a number on the stack that changes from round to round of a callback becomes unknown here";
    private const string Leaks = "root may make numbers of addresses";
    private const string DeadCode = "it walks code that can't be reached", PointerRange = "it limits what is added to a pointer, or knows less of it";

    private static readonly (string Part, string Reason)[] Kernel =
    [
        ("misaligned value access", KnowsLess),
        ("!read_ok", DeadCode),
        ("invalid mem access", DeadCode),
        ("invalid size of register spill", DeadCode),
        ("null-check it first", KnowsLess),
        ("misaligned access", DeadCode),
        ("reference leak", DeadCode),
        ("verifier bug", "a check of its own state fails"),
        ("REG INVARIANTS VIOLATION", "a check of its own state fails"),
        ("div by zero", "it refuses divisions by a constant zero"),
        ("makes ringbuf_mem pointer be out of bounds", PointerRange),
        ("makes map_value pointer be out of bounds", PointerRange),
        ("makes pkt pointer be out of bounds", PointerRange),
        ("makes stack pointer be out of bounds", PointerRange),
        (" pointer and ", PointerRange),
        ("misaligned stack access", "stack accesses must be aligned there"),
        ("value is outside of the allowed memory range", KnowsLess),
        ("value is negative, either use unsigned", KnowsLess),
        ("unbounded memory access", KnowsLess),
        ("offset is outside of the packet", KnowsLess),
        ("invalid access to map value", KnowsLess),
        ("invalid access to packet", KnowsLess),
        ("invalid access to memory", KnowsLess),
        ("invalid variable-offset", KnowsLess),
        ("invalid write to stack", KnowsLess),
        ("invalid read from stack", KnowsLess),
        ("pointer offset", KnowsLess),
        ("BPF program is too large", TooComplex),
        ("The sequence of", TooComplex),
        ("error 7", TooComplex),
        ("error 11", TooComplex),
        ("tail_calls are not allowed when", "it limits the stack below a tail call"),
        ("infinite loop detected", "the loop makes no progress in what the kernel knows"),
    ];

    private static readonly (string Part, string Reason)[] Ours =
    [
        ("can be read as a number", Leaks),
        ("stored in part", Leaks),
        ("which is a pointer", Leaks),
        ("of which a pointer is stored", Leaks),
        ("-byte value of map", Rounds),
        ("isn't given back", Rounds),
        ("a loop comes back here", "it doesn't see loops around callbacks"),
        ("isn't bounded", "known bits and bounds that leave no number together aren't seen to"),
        ("which wasn't written", "root may read stack there that wasn't written"),
    ];

    /// <summary>The reason for which only the kernel refuses a program, of its log.</summary>
    public static string WhyOnlyTheKernelRefuses(string log)
    {
        string[] lines = [.. log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !Statistics().IsMatch(line))];

        // Of a loop, the states come after the message.
        string last = lines.LastOrDefault(line => !States().IsMatch(line)) ?? "";
        foreach ((string part, string reason) in Kernel)
        {
            if (last.Contains(part, StringComparison.Ordinal)) return $"kernel refuses: {reason}";
        }

        return $"{Unexplained}kernel refuses: {Digits().Replace(last, "#")}";
    }

    /// <summary>The reason for which only we refuse a program, of our message.</summary>
    public static string WhyOnlyWeRefuse(string message)
    {
        foreach ((string part, string reason) in Ours)
        {
            if (message.Contains(part, StringComparison.Ordinal)) return $"refused here: {reason}";
        }

        return $"{Unexplained}refused here: {Digits().Replace(message, "#")}";
    }

    [GeneratedRegex(@"^(processed|verification time|stack depth|mark_precise)")]
    private static partial Regex Statistics();

    [GeneratedRegex(@"^(cur|old) state:")]
    private static partial Regex States();

    [GeneratedRegex(@"-?\d+")]
    private static partial Regex Digits();
}
