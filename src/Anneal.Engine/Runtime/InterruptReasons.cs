namespace Anneal.Runtime;

/// <summary>Why an execution was asked to poll. A reason is a hint: the poll looks whether it still holds.</summary>
[Flags]
internal enum InterruptReasons
{
    None = 0,

    /// <summary>A token of the call was cancelled.</summary>
    Cancellation = 1,

    /// <summary>The deadline of the call has passed.</summary>
    Deadline = 2,

    /// <summary>Someone wants the guest's frames lifted.</summary>
    Suspension = 4,

    /// <summary>Tests want every poll to take its slow path.</summary>
    Stress = 8,
}
