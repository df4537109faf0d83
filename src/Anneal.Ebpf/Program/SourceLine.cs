namespace Anneal.Ebpf;

/// <summary>Where an instruction comes from in source text.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1; 0 when unknown.</param>
/// <param name="Text">The line's text, empty when unknown.</param>
public sealed record SourceLine(string File, int Line, int Column, string Text);
