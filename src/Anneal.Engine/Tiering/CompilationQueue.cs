// The engine's compiling thread and what waits for it. The thread is started by the first request, ends when it has had
// nothing to do for a while (so that an engine nobody uses any more isn't kept alive by it), and is started again. Hot functions
// are compiled in the order in which they became hot.

using Anneal.Diagnostics;
using Anneal.Runtime;

namespace Anneal.Tiering;

/// <summary>Compiles hot functions in the background. Thread-safe.</summary>
internal sealed class CompilationQueue(TierJournal journal)
{
    private readonly object gate = new();
    private readonly Queue<Request> waiting = new();
    private bool isRunning;
    private bool isClosed;
    private int unfinished;

    /// <summary>Has a function compiled soon. Afterwards it has been, or it's among the refused.</summary>
    public void Add(UnitCode code, CodeUnit unit, int function)
    {
        lock (gate)
        {
            if (isClosed) return;
            waiting.Enqueue(new Request(code, unit, function));
            unfinished++;
            if (isRunning)
            {
                Monitor.PulseAll(gate);
                return;
            }

            try
            {
                new Thread(Run, maxStackSize: 1 << 20) { IsBackground = true, Name = "Anneal compiler" }.Start();
                isRunning = true;
            }
            catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
            {
                // No thread to be had: the functions stay in the interpreter.
                foreach (Request each in waiting) journal.Refused(each.Unit, each.Function, Tier.Baseline);
                unfinished -= waiting.Count;
                waiting.Clear();
            }
        }
    }

    /// <summary>Waits until all that has been asked for is compiled.</summary>
    public void Drain()
    {
        lock (gate)
        {
            while (unfinished != 0) Monitor.Wait(gate);
        }
    }

    /// <summary>Drops what waits and takes nothing more.</summary>
    public void Close()
    {
        lock (gate)
        {
            isClosed = true;
            unfinished -= waiting.Count;
            waiting.Clear();
            Monitor.PulseAll(gate);
        }
    }

    private void Run()
    {
        while (Next() is { } request)
        {
            request.Code.TryCompile(request.Unit, request.Function);
            lock (gate)
            {
                if (--unfinished == 0) Monitor.PulseAll(gate);
            }
        }
    }

    private Request? Next()
    {
        lock (gate)
        {
            while (waiting.Count == 0)
            {
                if (!isClosed && Monitor.Wait(gate, Tuning.CompilerIdle)) continue;
                if (waiting.Count != 0) continue;
                isRunning = false;
                return null;
            }

            return waiting.Dequeue();
        }
    }

    private sealed record Request(UnitCode Code, CodeUnit Unit, int Function);
}
