namespace Anneal.Wasm.Suspension;

/// <summary>An instance of a suspended guest. Memories, tables and globals are numbers of the image, where instances may share them.</summary>
internal sealed record InstanceImage
{
    /// <summary>The SHA-256 of its module.</summary>
    public required byte[] ModuleHash { get; init; }

    public required string? ModuleName { get; init; }

    public required int[] Memories { get; init; }

    public required int[] Tables { get; init; }

    public required int[] Globals { get; init; }

    /// <summary>What each imported function is.</summary>
    public required FunctionImport[] Imports { get; init; }

    /// <summary>For each data segment whether it's been dropped; false for those that aren't passive.</summary>
    public required bool[] DroppedData { get; init; }

    /// <summary>For each element segment whether it's been dropped; false for those that aren't passive.</summary>
    public required bool[] DroppedElements { get; init; }

    /// <summary>The contents of passive element segments of host objects, which only a root keeps; null for all others.</summary>
    public required ReferenceImage[]?[] Objects { get; init; }

    /// <summary>The instance that it was, should it be resumed in that store.</summary>
    public required WeakReference<Instance> Origin { get; init; }
}

/// <summary>What an imported function is: a guest's, by instance and number, else the host's.</summary>
/// <param name="Instance">The instance's number in the image; -1 for a host function.</param>
/// <param name="Function">The function's number in that instance.</param>
/// <param name="Wasi">For a function of WASI the number of its state in the image; else -1.</param>
internal readonly record struct FunctionImport(int Instance, int Function, int Wasi);
