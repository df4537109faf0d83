using System.Diagnostics;
using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests;

public sealed unsafe class DeadlineThreadTests : IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(1);
    private readonly DeadlineThread thread = new();
    private readonly Execution execution = new(64 << 10);

    public void Dispose()
    {
        execution.Dispose();
        thread.Dispose();
    }

    [Fact]
    public void It_starts_with_the_first_deadline_and_ends_with_the_engine()
    {
        Deadline deadline = execution.DeadlineOn(thread);
        Assert.False(thread.IsRunning);
        deadline.Arm(Deadline.After(TimeSpan.FromHours(1)));
        Assert.True(thread.IsRunning);
        Assert.False(deadline.Disarm());
        thread.Dispose();
        Until(() => !thread.IsRunning);
    }

    [Fact]
    public void A_deadline_that_passes_interrupts_and_cancels_its_token_once()
    {
        Deadline deadline = execution.DeadlineOn(thread);
        CancellationToken token = deadline.Token;
        deadline.Arm(Deadline.After(TimeSpan.FromMilliseconds(1)));
        Assert.True(token.WaitHandle.WaitOne(Guard));
        Assert.True(deadline.HasPassed);
        Assert.Equal((int)InterruptReasons.Deadline, execution.State->InterruptPending);
        Assert.Throws<GuestTimeoutException>(() => execution.Poll());
        // Whoever catches that isn't free.
        Assert.Throws<GuestTimeoutException>(() => execution.Poll());
        Assert.True(deadline.Disarm());
        Assert.False(deadline.Token.IsCancellationRequested);
        execution.Poll();
        Assert.Equal(0, execution.State->InterruptPending);
    }

    [Fact]
    public void A_call_that_ends_first_isnt_interrupted_and_a_later_one_has_its_own_time()
    {
        Deadline deadline = execution.DeadlineOn(thread);
        deadline.Arm(Deadline.After(TimeSpan.FromMilliseconds(30)));
        Assert.False(deadline.Disarm());
        deadline.Arm(Deadline.After(TimeSpan.FromHours(1)));
        Thread.Sleep(100);
        Assert.False(deadline.HasPassed);
        Assert.Equal(0, execution.State->InterruptPending);
        Assert.False(deadline.Disarm());
        deadline.Arm(Deadline.After(TimeSpan.FromMilliseconds(1)));
        Until(() => deadline.HasPassed);
        Assert.True(deadline.Disarm());
    }

    [Fact]
    public void A_call_that_runs_when_the_engine_goes_keeps_its_deadline()
    {
        Deadline deadline = execution.DeadlineOn(thread);
        deadline.Arm(Deadline.After(TimeSpan.FromMilliseconds(100)));
        thread.Dispose();
        Until(() => deadline.HasPassed && !thread.IsRunning);
    }

    [Fact]
    public void A_callback_that_throws_does_no_harm_and_becomes_the_cause()
    {
        Deadline deadline = execution.DeadlineOn(thread);
        var failure = new InvalidOperationException("a host's callback");
        using CancellationTokenRegistration registration = deadline.Token.Register(() => throw failure);
        deadline.Arm(Deadline.After(TimeSpan.FromMilliseconds(1)));
        Until(() => deadline.CreateException(null).InnerException is not null);
        Assert.Same(failure, Assert.IsType<AggregateException>(deadline.CreateException(null).InnerException).InnerException);
        Assert.True(deadline.Disarm());
        Assert.Null(deadline.CreateException(null).InnerException);
        deadline.Arm(Deadline.After(TimeSpan.FromMilliseconds(1)));
        Until(() => deadline.HasPassed);
    }

    // Deadlines pass while calls end: either the call or the deadline wins, and the next call starts clean.
    [Fact]
    public void Deadlines_race_with_ends_of_calls()
    {
        Deadline deadline = execution.DeadlineOn(thread);
        int passed = 0;
        for (int i = 0; i < 20_000; i++)
        {
            deadline.Arm(Stopwatch.GetTimestamp() + (i % 64 * 1000));
            Thread.SpinWait(i % 97);
            CancellationToken token = deadline.Token;
            if (deadline.Disarm())
            {
                passed++;
                Assert.NotEqual(token, deadline.Token);
            }

            Assert.False(deadline.HasPassed);
            execution.Poll();
        }

        Assert.InRange(passed, 0, 20_000);
    }

    [Fact]
    public void Very_long_times_never_come()
    {
        Assert.Equal(Deadline.Never, Deadline.After(TimeSpan.MaxValue));
        Deadline deadline = execution.DeadlineOn(thread);
        deadline.Arm(Deadline.Never);
        Assert.False(thread.IsRunning);
        Assert.False(deadline.Disarm());
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Guard));
}
