// Runs whose redirect the host wants to know.

using Anneal.Ebpf.Runtime;

namespace Anneal.Ebpf;

public sealed unsafe partial class LoadedProgram
{
    private const ulong XdpRedirect = 4, ClassifierRedirect = 7;

    /// <summary>Runs the program over a packet, which it may change in place, and says where it redirected the packet.</summary>
    /// <param name="packet">The packet. If the program moves its ends, as much as fits of what it became is put here.</param>
    /// <param name="redirect">Where to; of kind <see cref="RedirectKind.None"/> unless the verdict is to redirect.</param>
    /// <returns>What the program returned.</returns>
    /// <inheritdoc cref="Run(Span{byte})"/>
    public ulong Run(Span<byte> packet, out Redirect redirect)
    {
        RunContext run = Runtime.Lease();
        try
        {
            fixed (byte* memory = packet)
            {
                byte* data = movesPacket ? run.CopyPacket(packet) : memory;
                ulong result = Run(run, data, packet.Length, default);
                if (movesPacket) new ReadOnlySpan<byte>(run.Data, (int)Math.Min(run.DataEnd - run.Data, packet.Length)).CopyTo(packet);
                redirect = RedirectOf(run, result);
                return result;
            }
        }
        finally
        {
            run.End();
            Runtime.Return(run);
        }
    }

    /// <summary>Runs the program over a copy of a packet, with values for its context, and says where it redirected the packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="context">Values of the context's fields and, afterwards, what the program made of them; pointer fields are ignored. Empty: all zero.</param>
    /// <param name="output">Where the packet goes as the program left it; long enough for it, or the rest is lost.</param>
    /// <param name="length">The length of the packet as the program left it, which may be more than <paramref name="output"/> has.</param>
    /// <param name="redirect">Where to; of kind <see cref="RedirectKind.None"/> unless the verdict is to redirect.</param>
    /// <returns>What the program returned.</returns>
    /// <inheritdoc cref="Run(Span{byte})"/>
    public ulong RunCopyWithContext(ReadOnlySpan<byte> packet, Span<byte> context, Span<byte> output, out int length, out Redirect redirect)
    {
        RunContext run = Runtime.Lease();
        try
        {
            ulong result = Run(run, run.CopyPacket(packet), packet.Length, context);
            length = (int)(run.DataEnd - run.Data);
            new ReadOnlySpan<byte>(run.Data, Math.Min(length, output.Length)).CopyTo(output);
            redirect = RedirectOf(run, result);
            return result;
        }
        finally
        {
            run.End();
            Runtime.Return(run);
        }
    }

    private Redirect RedirectOf(RunContext run, ulong result)
    {
        bool redirects = Type.Name == ProgramTypes.Xdp.Name ? result == XdpRedirect : (uint)result == ClassifierRedirect;
        return redirects ? run.Redirect : default;
    }
}
