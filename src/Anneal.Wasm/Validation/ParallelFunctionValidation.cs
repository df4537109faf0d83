// Validates function bodies on several threads: functions in ranges of about equal bytes, taken in order. A fault ends its
// range; ranges before it still finish, so the fault that is reported is the first one however the threads ran.

using System.Runtime.ExceptionServices;
using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Validation;

/// <summary>The functions of one module, validated by several threads.</summary>
internal sealed unsafe class ParallelFunctionValidation(ModuleDefinition module, byte* bytes, ValidationOptions options)
{
    private const int RangesPerThread = 8;

    private readonly Lock gate = new();
    private readonly byte* bytes = bytes;
    private int[] starts = [];
    private int rangesTaken;
    private int firstFault = int.MaxValue;
    private ExceptionDispatchInfo? fault;

    public void Run(int threads)
    {
        starts = Split(threads * RangesPerThread);
        // Threads, not Parallel.For: what that needs is compiled at each start of a process.
        var others = new Thread[threads - 1];
        for (int i = 0; i < others.Length; i++)
        {
            others[i] = new Thread(ValidateRanges) { IsBackground = true, Name = "Anneal validation" };
            others[i].Start();
        }

        ValidateRanges();
        foreach (Thread other in others) other.Join();
        fault?.Throw();
    }

    // What each thread does: the next range that nobody has taken, until there is none.
    private void ValidateRanges()
    {
        try
        {
            var validator = new FunctionValidator(module, bytes, options);
            while (Interlocked.Increment(ref rangesTaken) is var taken && taken < starts.Length)
                ValidateRange(validator, starts[taken - 1], starts[taken]);
        }
#pragma warning disable CA1031 // Whatever it is: the thread that called Run throws it, where a thread of its own would end the process.
        catch (Exception exception)
        {
            Fault(-1, exception);
        }
#pragma warning restore CA1031
    }

    private int[] Split(int ranges)
    {
        FunctionCode[] codes = module.Codes;
        long first = codes[0].Start;
        long total = codes[^1].End - first;
        var starts = new List<int> { 0 };
        for (int i = 1; i < codes.Length; i++)
        {
            if (codes[i].Start - first >= total * starts.Count / ranges) starts.Add(i);
        }

        starts.Add(codes.Length);
        return [.. starts];
    }

    private void ValidateRange(FunctionValidator validator, int start, int end)
    {
        for (int i = start; i < end && i < Volatile.Read(ref firstFault); i++)
        {
            try
            {
                module.Codes[i].CallSiteCount = validator.Validate(i);
            }
            catch (WasmException exception)
            {
                Fault(i, exception);
                return;
            }
        }
    }

    // -1 for a fault that no function is to blame for: it goes before all others.
    private void Fault(int function, Exception exception)
    {
        lock (gate)
        {
            if (function >= firstFault) return;
            fault = ExceptionDispatchInfo.Capture(exception);
            Volatile.Write(ref firstFault, function);
        }
    }
}
