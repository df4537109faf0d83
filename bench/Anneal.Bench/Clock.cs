namespace Anneal.Bench;

/// <summary>What of a run is measured.</summary>
internal enum Clock
{
    /// <summary>What a user waits for: the kernel as the program times it, or the process from start to end.</summary>
    Wall,

    /// <summary>Processor time of the whole process, all its threads.</summary>
    Cpu,
}
