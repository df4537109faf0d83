namespace Anneal.Wasm.Binary;

/// <summary>
/// The engine's own bounds on modules (appendix A.2 of the specification allows them), of the size that the JavaScript
/// embedding demands. What they bound is checked before anything is allocated.
/// </summary>
internal static class ModuleLimits
{
    public const int ModuleBytes = 1 << 30;
    public const int Types = 1_000_000;
    public const int Functions = 1_000_000;
    public const int Imports = 1_000_000;
    public const int Exports = 1_000_000;
    public const int Globals = 1_000_000;
    public const int Tags = 1_000_000;
    public const int DataSegments = 100_000;
    public const int ElementSegments = 10_000_000;

    /// <summary>All tables of a module, imported ones included: what the bytecode can name.</summary>
    public const int Tables = 65_536;

    /// <summary>All memories of a module, imported ones included: what the bytecode can name.</summary>
    public const int Memories = 16_384;

    public const int TableElements = 10_000_000;
    public const int Parameters = 1_000;
    public const int Results = 1_000;
    public const int Locals = 50_000;
    public const int BodyBytes = 7_654_321;
    public const int BranchTableTargets = 1 << 20;
}
