// The index spaces of one module, filled by the first pass over its fields and read by everything after.

namespace Anneal.Wasm.Text;

internal sealed class WatIndexSpaces
{
    public IndexSpace Functions { get; } = new("func");

    public IndexSpace Tables { get; } = new("table");

    public IndexSpace Memories { get; } = new("memory");

    public IndexSpace Globals { get; } = new("global");

    public IndexSpace Tags { get; } = new("tag");

    public IndexSpace Elements { get; } = new("elem segment");

    public IndexSpace Data { get; } = new("data segment");
}
