// The list of the helpers that come with the engine.

namespace Anneal.Ebpf.Helpers;

/// <summary>Makes the helpers.</summary>
internal static class BuiltInHelpers
{
    /// <summary>All of them, by number.</summary>
    public static Dictionary<int, Helper> Make()
    {
        Helper[] all =
        [
        ];
        return all.ToDictionary(helper => helper.Prototype.Id);
    }
}
