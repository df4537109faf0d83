namespace Anneal.Templates;

/// <summary>Whether control can go on behind a branch.</summary>
internal enum BranchKind
{
    Conditional,
    Always,
}
