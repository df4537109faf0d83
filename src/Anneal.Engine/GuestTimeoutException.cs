// Derived from TimeoutException, as callers of .NET's own operations with a time limit expect (and like its regular
// expressions' exception), not from OperationCanceledException: nobody asked for the call to be cancelled.

using System.Globalization;
using Anneal.Runtime;

namespace Anneal;

/// <summary>
/// A call into a guest took longer than it was allowed to, and was stopped where it was. The guest's state is as it was at
/// that moment, perhaps in the middle of a change; the process and the host are unharmed. <see cref="Exception.InnerException"/>
/// is how a host function ended that was waiting then, where there was one.
/// </summary>
public sealed class GuestTimeoutException : TimeoutException, IGuestStop
{
    private readonly List<GuestFrame> frames = [];

    internal GuestTimeoutException(TimeSpan timeout, Exception? cause)
        : base(string.Create(CultureInfo.InvariantCulture, $"the guest was stopped after {timeout.TotalSeconds:0.#######} s"), cause) => Timeout = timeout;

    /// <summary>How long it was allowed to take.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>The guest's call stack where it was stopped, innermost frame first; empty if no guest ran.</summary>
    public IReadOnlyList<GuestFrame> Frames => frames;

    /// <summary>The backtrace as lines of text, innermost frame first.</summary>
    public string GuestBacktrace => GuestFrame.Format(frames);

    List<GuestFrame> IGuestStop.Frames => frames;
}
