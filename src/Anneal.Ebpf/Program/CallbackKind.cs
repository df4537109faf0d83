namespace Anneal.Ebpf;

/// <summary>What arguments a helper gives to the subprogram that it calls back; all callbacks return 0 (go on) or 1 (stop).</summary>
public enum CallbackKind
{
    /// <summary>The helper has no callback.</summary>
    None,

    /// <summary><c>(u64 index, void* context)</c>.</summary>
    Loop,

    /// <summary><c>(map, const void* key, void* value, void* context)</c>.</summary>
    MapElement,
}
