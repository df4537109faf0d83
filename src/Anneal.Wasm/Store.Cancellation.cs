// Cancellation of the calls into a store. The execution knows one token; a callback on it interrupts the execution, which
// makes the guest poll, and the poll throws. Where several sources count at once (CancelOn, a call's own token, a nested
// call's) they are linked into one, made anew whenever one comes or goes.

using Anneal.Runtime;

namespace Anneal.Wasm;

public sealed unsafe partial class Store
{
    private readonly List<CancellationScope> scopes = [];
    private CancellationTokenSource? linked;
    private CancellationTokenRegistration interruption;

    /// <summary>What cancels the call that runs now.</summary>
    internal CancellationToken Cancellation { get; private set; }

    /// <summary>
    /// Makes a token cancel every call into the store, the one that runs and later ones, until the registration is
    /// disposed: the guest stops at its next poll (a loop, a function entry), and the outermost call throws
    /// <see cref="OperationCanceledException"/>. The guest's state stays as it was at the poll.
    /// </summary>
    /// <param name="cancellation">The token.</param>
    /// <returns>What ends the registration when disposed.</returns>
    /// <exception cref="InvalidOperationException">Another thread is using the store.</exception>
    public IDisposable CancelOn(CancellationToken cancellation)
    {
        var scope = new CancellationScope(this, cancellation);
        ulong* window = Hold();
        try
        {
            scopes.Add(scope);
            SetToken();
        }
        finally
        {
            Exit(window);
        }

        return scope;
    }

    /// <summary>Throws if the call that begins here would be stopped at once.</summary>
    internal void ThrowIfStopped()
    {
        if (!Cancellation.IsCancellationRequested) return;
        if (execution!.Deadline is { HasPassed: true } deadline) throw deadline.CreateException(null);
        Cancellation.ThrowIfCancellationRequested();
    }

    private void SetToken()
    {
        interruption.Dispose();
        interruption = default;
        linked?.Dispose();
        linked = null;
        CancellationToken timeout = isTimed ? execution!.Deadline!.Token : default;
        CancellationToken[] tokens = [.. scopes.Select(scope => scope.Token).Append(timeout).Where(token => token.CanBeCanceled).Distinct()];
        Cancellation = tokens.Length switch
        {
            0 => default,
            1 => tokens[0],
            _ => (linked = CancellationTokenSource.CreateLinkedTokenSource(tokens)).Token,
        };
        if (execution is not { } current) return;
        current.Cancellation = Cancellation;
        // The execution stays the store's as long as this is registered: ending a registration waits for its callback.
        if (Cancellation.CanBeCanceled) interruption = Cancellation.UnsafeRegister(static state => ((Execution)state!).Interrupt(), current);
    }

    /// <summary>The exception that the caller sees: it names the token that the caller gave, not the linked one.</summary>
    internal OperationCanceledException Translate(OperationCanceledException exception, CancellationToken given) =>
        exception.CancellationToken == given ? exception : new OperationCanceledException(exception.Message, exception, given);

    private sealed unsafe class CancellationScope(Store store, CancellationToken token) : IDisposable
    {
        public CancellationToken Token { get; } = token;

        public void Dispose()
        {
            if (store.disposed) return;
            ulong* window = store.Hold();
            try
            {
                if (store.scopes.Remove(this)) store.SetToken();
            }
            finally
            {
                store.Exit(window);
            }
        }
    }
}
