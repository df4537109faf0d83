namespace Anneal.Templates;

/// <summary>
/// Which word of the instance a template wants. The baseline knows its displacement while compiling; the threaded
/// interpreter finds it in the predecoded instruction, at a place that goes by this name.
/// </summary>
internal enum InstanceField : byte
{
    /// <summary>The pointer to a memory.</summary>
    Memory,

    /// <summary>The pointer to the memory that a copy reads.</summary>
    SourceMemory,

    /// <summary>The pointer to a table.</summary>
    Table,

    /// <summary>A global, or the pointer to it.</summary>
    Global,

    /// <summary>The pointer to a function's reference.</summary>
    Function,

    /// <summary>A call site's cell of the feedback vector.</summary>
    Cell,
}
