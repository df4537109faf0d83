namespace Anneal.Wasm;

/// <summary>A module is well formed as far as read but uses a WebAssembly feature that this engine doesn't have yet.</summary>
public sealed class UnsupportedFeatureException : WasmException
{
    internal UnsupportedFeatureException(string feature, long offset)
        : base($"unsupported feature: {feature} (at offset 0x{offset:x})") => Feature = feature;

    /// <summary>The feature's name, as the proposals name it: "simd", "gc", "exceptions", "memory64", "threads", …</summary>
    public string Feature { get; }
}
