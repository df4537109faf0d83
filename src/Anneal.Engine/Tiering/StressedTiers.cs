// What an execution does at its polls under stress, and which tier comes next. Loops that go round very often aren't stopped each
// time: the first thousands of polls are, then every sixty-fourth. Very deep stacks aren't lifted: each lift copies them all.

namespace Anneal.Tiering;

/// <summary>The state of a stressed execution.</summary>
internal sealed class StressedTiers(TierStress kind)
{
    /// <summary>Stacks that are deeper aren't lifted.</summary>
    public const int MostFrames = 64;

    private const int EveryPollUpTo = 2000;

    private static readonly Tier[] Rotation = [Tier.Threaded, Tier.Baseline, Tier.Portable];

    private int polls;
    private int next;

    public TierStress Kind => kind;

    /// <summary>Polls that are let through: the one of a function's entry that is entered again.</summary>
    public bool SkipsNext { get; set; }

    /// <summary>Whether to stop at this poll.</summary>
    public bool IsDue()
    {
        if (SkipsNext)
        {
            SkipsNext = false;
            return false;
        }

        return ++polls <= EveryPollUpTo || polls % 64 == 0;
    }

    /// <summary>The tier for the next resumption.</summary>
    public Tier NextTier() => Rotation[next++ % Rotation.Length];
}
