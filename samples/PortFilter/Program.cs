// A packet filter in eBPF (guests/ebpf/ports.c), verified and run in this process: dotnet run --project samples/PortFilter
//
// Other objects: dotnet run --project samples/PortFilter filter.o

using System.Buffers.Binary;
using Anneal;
using Anneal.Ebpf;

string file = args is [var given] ? given : Path.Combine(AppContext.BaseDirectory, "ports.o");
using var engine = new Engine();
using var runtime = new EbpfRuntime(engine, new EbpfOptions { Print = Console.WriteLine, TimeLimit = TimeSpan.FromMilliseconds(100) });

// What the verifier doesn't accept isn't loaded; the exception's log says why.
EbpfObject loaded;
try
{
    loaded = EbpfObject.LoadFile(runtime, file);
}
catch (VerifierException refused)
{
    Console.WriteLine($"{refused.Log}{refused.Message}");
    return 1;
}

// Maps are shared between programs and host: 1 for ports that are open.
EbpfMap ports = loaded.Map("ports"), counts = loaded.Map("counts");
ports.Update((ushort)443, 1u);
ports.Update((ushort)22, 0u);

LoadedProgram filter = loaded.Program("port_filter");
foreach (ushort port in (ushort[])[443, 22, 8080])
{
    byte[] packet = Packet(port);
    ulong verdict = filter.Run(packet);
    Console.WriteLine($"port {port}: {(verdict == 2 ? "pass" : "drop")}");
}

foreach ((uint kind, ulong count) in counts.Entries<uint, ulong>()) Console.WriteLine($"counts[{kind}] = {count}");
return 0;

// Ethernet, IPv4 and TCP headers.
static byte[] Packet(ushort port)
{
    byte[] packet = new byte[64];
    packet[12] = 0x08;
    packet[14] = 0x45;
    BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(16), (ushort)(packet.Length - 14));
    packet[22] = 64;
    packet[23] = 6;
    BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(36), port);
    packet[46] = 0x50;
    return packet;
}
