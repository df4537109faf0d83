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
    private int firstFault = int.MaxValue;
    private ExceptionDispatchInfo? fault;

    public void Run(int threads)
    {
        int[] starts = Split(threads * RangesPerThread);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Parallel.For(
            0,
            starts.Length - 1,
            parallel,
            NewValidator,
            (range, _, validator) => ValidateRange(validator, starts[range], starts[range + 1]),
            static _ => { });
        fault?.Throw();
    }

    private FunctionValidator NewValidator() => new(module, bytes, options);

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

    private FunctionValidator ValidateRange(FunctionValidator validator, int start, int end)
    {
        for (int i = start; i < end && i < Volatile.Read(ref firstFault); i++)
        {
            try
            {
                module.Codes[i].CallSiteCount = validator.Validate(i);
            }
            catch (WasmException exception)
            {
                lock (gate)
                {
                    if (i >= firstFault) return validator;
                    fault = ExceptionDispatchInfo.Capture(exception);
                    Volatile.Write(ref firstFault, i);
                }

                return validator;
            }
        }

        return validator;
    }
}
