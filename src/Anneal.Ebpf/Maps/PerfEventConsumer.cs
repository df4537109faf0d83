namespace Anneal.Ebpf;

/// <summary>Takes one record of a perf event array; its bytes are valid during the call.</summary>
/// <param name="processor">The processor in whose buffer it was.</param>
/// <param name="record">What the program put out, and behind it the packet's bytes that it asked for.</param>
public delegate void PerfEventConsumer(int processor, ReadOnlySpan<byte> record);
