namespace Anneal.Cli;

/// <summary>The tool's own exit codes; a guest's code is passed on as it is.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>A file can't be read, decoded, validated or linked, or a check failed.</summary>
    public const int Failure = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>An engine bug: an exception that nobody expected.</summary>
    public const int Internal = 70;

    /// <summary>The guest ran into <c>--timeout</c>; as timeout(1) has it.</summary>
    public const int TimedOut = 124;

    /// <summary>The guest used <c>--fuel</c> up.</summary>
    public const int OutOfFuel = 125;

    /// <summary>The guest trapped; as a shell reports a process that aborted.</summary>
    public const int Trapped = 134;
}
