namespace Anneal.Cli.Dumps;

/// <summary>What <c>anneal dump</c> was asked to show.</summary>
internal sealed record DumpOptions
{
    public required string File { get; init; }

    /// <summary>The engine's bytecode.</summary>
    public bool Bytecode { get; init; }

    /// <summary>The baseline tier's machine code.</summary>
    public bool Assembly { get; init; }

    /// <summary>The guest's own instructions; eBPF only.</summary>
    public bool Instructions { get; init; }

    /// <summary>The code as it's run sandboxed; eBPF only.</summary>
    public bool Sandbox { get; init; }

    /// <summary>Which function; null for all.</summary>
    public string? Function { get; init; }

    /// <summary>The type of programs whose section doesn't tell; eBPF only.</summary>
    public string? Type { get; init; }

    /// <summary>The file of the types that CO-RE relocations are for; eBPF only.</summary>
    public string? Types { get; init; }

    /// <summary>Whether options were given that only eBPF objects have.</summary>
    public bool HasEbpfOptions => Instructions || Sandbox || Type is not null || Types is not null;
}
