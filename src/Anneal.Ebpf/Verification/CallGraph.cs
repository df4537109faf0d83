// Who calls whom: refuses recursion, and finds how much stack the deepest chain of calls takes. Iterative, since programs may have
// hundreds of thousands of subprograms in a chain.

namespace Anneal.Ebpf.Verification;

/// <summary>The calls between a program's reachable subprograms; callbacks count as calls.</summary>
internal sealed class CallGraph
{
    private readonly int[] firstEdge;
    private readonly int[] edges;
    private readonly int[] callSlots;
    private readonly List<int> order = [];

    public CallGraph(EbpfProgram program, bool[] reached)
    {
        ReadOnlySpan<Instruction> code = program.Instructions;
        int subprograms = program.Subprograms.Length;
        var targets = new List<int>();
        var slots = new List<int>();
        firstEdge = new int[subprograms + 1];
        for (int s = 0; s < subprograms; s++)
        {
            firstEdge[s] = targets.Count;
            for (int slot = program.Subprograms[s].Start; slot < program.Subprograms[s].End; slot++)
            {
                Instruction i = code[slot];
                if (!reached[slot] || !program.IsHead(slot)) continue;
                if (!i.IsLocalCall && !(i.IsWideImmediate && i.Source == (int)PseudoSource.Function)) continue;
                targets.Add(program.SubprogramAt(program.CallTarget(slot)));
                slots.Add(slot);
            }
        }

        firstEdge[subprograms] = targets.Count;
        edges = [.. targets];
        callSlots = [.. slots];
    }

    /// <summary>Orders the subprograms, callees first. Returns the slot of a recursive call, or -1.</summary>
    public int Order()
    {
        // 0: not seen, 1: on the way, 2: done.
        var state = new byte[firstEdge.Length - 1];
        var next = (int[])firstEdge.Clone();
        var way = new IndexStack();
        way.Push(0);
        state[0] = 1;
        while (way.TryPeek(out int s))
        {
            if (next[s] == firstEdge[s + 1])
            {
                _ = way.TryPop(out _);
                state[s] = 2;
                order.Add(s);
                continue;
            }

            int edge = next[s]++;
            int target = edges[edge];
            if (state[target] == 1) return callSlots[edge];
            if (state[target] != 0) continue;
            state[target] = 1;
            way.Push(target);
        }

        return -1;
    }

    /// <summary>Bytes of stack from the entry down the deepest chain; each frame is rounded up to 8. <see cref="Order"/> comes first.</summary>
    public int DeepestStack(ReadOnlySpan<int> frameBytes)
    {
        var deepest = new int[frameBytes.Length];
        foreach (int s in order)
        {
            int below = 0;
            for (int edge = firstEdge[s]; edge < firstEdge[s + 1]; edge++) below = Math.Max(below, deepest[edges[edge]]);
            deepest[s] = ((frameBytes[s] + 7) & ~7) + below;
        }

        return deepest[0];
    }
}
