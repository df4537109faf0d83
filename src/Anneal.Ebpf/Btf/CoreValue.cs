namespace Anneal.Ebpf.Btf;

/// <summary>What a CO-RE relocation makes of an instruction's value.</summary>
internal readonly record struct CoreValue
{
    /// <summary>The value by the object's own types, which the instruction has.</summary>
    public ulong Old { get; init; }

    /// <summary>Whether the compiler is sure to have come to the same <see cref="Old"/>; with bit fields it may have chosen otherwise.</summary>
    public bool IsOldSure { get; init; }

    /// <summary>The value by the target's types.</summary>
    public ulong New { get; init; }

    /// <summary>The field's size by the object's own types, which a load or store of it has; 0: it isn't known.</summary>
    public long OldSize { get; init; }

    /// <summary>The field's size by the target's types.</summary>
    public long NewSize { get; init; }

    /// <summary>The sizes differ, and what a load gives can't be right with another one: a sign would be lost.</summary>
    public bool IsSizeFixed { get; init; }

    /// <summary>What isn't there, so that there's no value; null: it's all there.</summary>
    public string? Missing { get; init; }

    /// <summary>The field, type or constant that the relocation is for, for messages.</summary>
    public string What { get; init; }
}
