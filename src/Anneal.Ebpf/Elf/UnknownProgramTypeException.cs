namespace Anneal.Ebpf;

/// <summary>An object's section has a name that says no type for the programs in it. The message lists the names that do.</summary>
public sealed class UnknownProgramTypeException : ObjectFormatException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="section">The section's name.</param>
    /// <param name="offset">The program's offset in the section.</param>
    /// <param name="program">The program's name.</param>
    public UnknownProgramTypeException(string section, long offset, string program)
        : base(section, offset, $"the section's name says no type for program {program}: names that do are, or begin with, {Known()}") => Program = program;

    /// <summary>The program's name.</summary>
    public string Program { get; }

    // Longer names add nothing to the shorter ones that they begin with.
    private static string Known() => string.Join(", ", ProgramTypes.All
        .SelectMany(type => type.Sections.Where(name => !type.Sections.Any(other => name.StartsWith(other + "/", StringComparison.Ordinal) || name.StartsWith(other + ".", StringComparison.Ordinal)))));
}
