namespace Anneal.Ebpf;

/// <summary>Takes one record of a ring buffer; its bytes are valid during the call.</summary>
public delegate void RingBufferConsumer(ReadOnlySpan<byte> record);
