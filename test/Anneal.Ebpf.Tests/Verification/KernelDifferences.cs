namespace Anneal.Ebpf.Tests.Verification;

/// <summary>Programs of the suite that the Linux kernel (6.18) decides otherwise, and why. The table in docs/ebpf-verifier.md says the same.</summary>
internal static class KernelDifferences
{
    private const string KernelKnowsLess = "the kernel knows less of the number";
    private const string Unwritten = "the kernel lets root read stack that wasn't written";
    private const string StoredPointers = "the kernel refuses parts of stored pointers even where addresses may leak";

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        // We accept, the kernel refuses.
        ["xor of a register with itself"] = KernelKnowsLess,
        ["two halves make a whole"] = KernelKnowsLess,
        ["sign-extending load from the stack"] = KernelKnowsLess,
        ["array element that must exist"] = KernelKnowsLess,
        ["index from a remainder"] = KernelKnowsLess,
        ["callback index is bounded by the rounds"] = KernelKnowsLess,
        ["stored constant keeps its value in parts"] = "the kernel allows no subtraction from stack pointers",
        ["context fields"] = "egress_ifindex needs an attach type in the kernel",
        ["long counted loop"] = "the kernel limits the jumps on a path (8192)",
        ["number minus pointer"] = "where addresses may leak, any difference is a number here",
        ["pointer stored in part"] = StoredPointers,
        ["pointer stored across slots"] = StoredPointers,
        ["part of a stored pointer"] = StoredPointers,

        // We refuse, the kernel accepts.
        ["unwritten stack"] = Unwritten,
        ["partly written stack"] = Unwritten,
        ["written on one path only"] = Unwritten,
        ["variable store writes nothing for sure"] = Unwritten,
        ["rest of an overwritten pointer"] = Unwritten,
        ["stored packet pointer after the head moved"] = Unwritten,
        ["atomic on unwritten stack"] = Unwritten,
        ["unwritten key"] = Unwritten,
        ["memory of unknown size stays unwritten"] = Unwritten,
        ["atomic on a stored pointer"] = "the kernel makes a number of the pointer",
        ["moved function"] = "the kernel refuses only the use of a moved function address",
        ["moved maybe-null pointer"] = "the kernel lets root move such pointers by constants",
        ["load through a map"] = "a map is a kernel structure there, with fields",
        ["map of maps gives maps, not memory"] = "a map is a kernel structure there, with fields",
        ["legacy load in a subprogram"] = "such a load ends the subprogram in the kernel; here it would end the program",
        ["callback resets its caller's loop counter"] = "the kernel doesn't see the loop",
        ["endless loop around a callback"] = "the kernel doesn't see the loop",
    };
}
