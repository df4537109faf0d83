namespace Anneal.Cli;

/// <summary>The command line makes no sense; the message says what.</summary>
internal sealed class UsageException(string message) : Exception(message);
