namespace Anneal.Cli;

/// <summary>A command can't do what it was asked for; the message, which begins with the file's name, says why.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
