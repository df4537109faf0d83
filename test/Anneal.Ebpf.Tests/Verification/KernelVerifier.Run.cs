// Runs a program in the kernel over a packet (BPF_PROG_TEST_RUN).

using System.Runtime.InteropServices;

namespace Anneal.Ebpf.Tests.Verification;

internal sealed unsafe partial class KernelVerifier
{
    private const int ProgramRun = 10;
    private const int OutputBytes = 1 << 16;

    /// <summary>Loads and runs a program once; what it returned, and the packet afterwards.</summary>
    /// <exception cref="InvalidOperationException">The kernel refuses it, with the log.</exception>
    public uint Run(EbpfProgram program, ReadOnlySpan<byte> packet, out byte[] output)
    {
        int file = Open(program, out string log);
        if (file < 0) throw new InvalidOperationException(log);
        try
        {
            return Run(file, packet, out output);
        }
        finally
        {
            _ = Close(file);
        }
    }

    private static uint Run(int file, ReadOnlySpan<byte> packet, out byte[] output)
    {
        byte* after = (byte*)NativeMemory.Alloc(OutputBytes);
        try
        {
            fixed (byte* before = packet)
            {
                byte* attribute = stackalloc byte[AttributeBytes];
                new Span<byte>(attribute, AttributeBytes).Clear();
                *(int*)attribute = file;
                *(int*)(attribute + 8) = packet.Length;
                *(int*)(attribute + 12) = OutputBytes;
                *(nint*)(attribute + 16) = (nint)before;
                *(nint*)(attribute + 24) = (nint)after;
                *(int*)(attribute + 32) = 1;
                if (Call(SystemCall, ProgramRun, attribute, AttributeBytes) < 0) throw new InvalidOperationException($"the kernel doesn't run the program: error {Marshal.GetLastPInvokeError()}");
                output = new ReadOnlySpan<byte>(after, *(int*)(attribute + 12)).ToArray();
                return *(uint*)(attribute + 4);
            }
        }
        finally
        {
            NativeMemory.Free(after);
        }
    }
}
