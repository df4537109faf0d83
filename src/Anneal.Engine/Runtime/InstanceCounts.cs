namespace Anneal.Runtime;

/// <summary>How many of each thing an instance of a code unit has; the counts of all include the imported ones.</summary>
internal readonly record struct InstanceCounts(
    int ImportedFunctions,
    int Functions,
    int ImportedGlobals,
    int Globals,
    int Memories,
    int Tables,
    int DataSegments,
    int ElementSegments,
    int Sites);
