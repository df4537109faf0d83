namespace EmbedRuby;

/// <summary>Ruby code raised an exception that it didn't rescue. The Ruby VM can be used further.</summary>
/// <param name="className">The exception's Ruby class, such as <c>ArgumentError</c>.</param>
/// <param name="message">What the exception says.</param>
/// <param name="fullMessage">What Ruby itself would print: place, message and backtrace.</param>
public sealed class RubyException(string className, string message, string fullMessage) : Exception($"{className}: {message}")
{
    /// <summary>The exception's Ruby class, such as <c>ArgumentError</c>.</summary>
    public string ClassName { get; } = className;

    /// <summary>What the exception says, without its class.</summary>
    public string RubyMessage { get; } = message;

    /// <summary>What Ruby itself would print: place, message and backtrace.</summary>
    public string FullMessage { get; } = fullMessage;
}
