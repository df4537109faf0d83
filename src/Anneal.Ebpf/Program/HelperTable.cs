// The helpers that programs of one runtime may call, by number. Built-in ones and those that the host declares.

using System.Diagnostics.CodeAnalysis;

namespace Anneal.Ebpf;

/// <summary>Prototypes by helper number.</summary>
public sealed class HelperTable
{
    private readonly Dictionary<int, HelperPrototype> prototypes = [];

    /// <summary>A table of these prototypes.</summary>
    /// <exception cref="ArgumentException">Two have the same number, or one has more than five arguments.</exception>
    public HelperTable(IEnumerable<HelperPrototype> prototypes)
    {
        ArgumentNullException.ThrowIfNull(prototypes);
        foreach (HelperPrototype prototype in prototypes)
        {
            if (prototype.Arguments.IsDefault || prototype.Arguments.Length > HelperPrototype.MaxArguments)
                throw new ArgumentException($"helper {prototype.Name} has more than {HelperPrototype.MaxArguments} arguments", nameof(prototypes));
            if (!this.prototypes.TryAdd(prototype.Id, prototype))
                throw new ArgumentException($"helper number {prototype.Id} is declared twice: {this.prototypes[prototype.Id].Name}, {prototype.Name}", nameof(prototypes));
        }
    }

    /// <summary>Numbers that the host has put helpers of its own at: calls of these are always calls.</summary>
    internal IReadOnlySet<int> OfHost { get; init; } = new HashSet<int>();

    /// <summary>All prototypes.</summary>
    public IReadOnlyCollection<HelperPrototype> All => prototypes.Values;

    /// <summary>The prototype of a helper that programs of that type may call.</summary>
    public bool TryFind(int id, ProgramType type, [NotNullWhen(true)] out HelperPrototype? prototype)
    {
        ArgumentNullException.ThrowIfNull(type);
        return prototypes.TryGetValue(id, out prototype)
            && (prototype.ProgramTypes.IsEmpty || prototype.ProgramTypes.Contains(type.Name));
    }
}
