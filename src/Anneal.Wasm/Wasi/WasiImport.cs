// One import as a linker binds it. Its body is the guard between a hostile guest and the functions: what a wild pointer or a
// descriptor closed by another thread raises becomes an errno here, so that no caller has to know.

namespace Anneal.Wasm.Wasi;

/// <summary>A function of WASI preview 1.</summary>
internal sealed class WasiImport
{
    private readonly WasiFunction function;

    public WasiImport(string name, string signature, WasiFunction function)
    {
        Name = name;
        Signature = signature;
        this.function = function;
        Body = Call;
    }

    public string Name { get; }

    /// <summary>Parameters and results, `i` for i32 and `I` for i64, such as `iiIi:i`.</summary>
    public string Signature { get; }

    /// <summary>What to call. It needs as many arguments as the signature names.</summary>
    public WasiFunction Body { get; }

    private int Call(WasiPreview1 wasi, in GuestMemory memory, ReadOnlySpan<ulong> arguments, CancellationToken cancellation)
    {
        try
        {
            return function(wasi, memory, arguments, cancellation);
        }
        catch (GuestMemoryFaultException)
        {
            return (int)WasiErrno.Fault;
        }
        catch (ObjectDisposedException)
        {
            return (int)WasiErrno.BadDescriptor;
        }
    }
}
