using Anneal.Ebpf.Helpers;

namespace Anneal.Ebpf;

/// <summary>A helper that the host defines: a declared prototype, which programs are held to, and a .NET function.</summary>
public sealed class HostHelper
{
    /// <summary>Makes a helper.</summary>
    /// <exception cref="ArgumentException">The prototype asks for what a host's helper can't do: callbacks, tail calls, memory that is given back, addresses to follow, pointers as results.</exception>
    public HostHelper(HelperPrototype prototype, HostHelperCode code)
    {
        ArgumentNullException.ThrowIfNull(prototype);
        ArgumentNullException.ThrowIfNull(code);
        if (prototype.Callback != CallbackKind.None || prototype.Effects != HelperEffects.None || prototype.FollowsAddresses || prototype.Returns is not (ReturnType.Scalar or ReturnType.Void))
            throw new ArgumentException($"helper {prototype.Name}: a host's helper takes and gives numbers, memory and maps only", nameof(prototype));
        Prototype = prototype;
        Implementation = new DelegateHelper(prototype, code);
    }

    /// <summary>The declared prototype.</summary>
    public HelperPrototype Prototype { get; }

    internal Helper Implementation { get; }
}
