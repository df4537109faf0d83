namespace Anneal.Wasm.Binary;

/// <summary>The names by which <see cref="UnsupportedFeatureException"/> reports what a module needs and the engine lacks.</summary>
internal static class Features
{
    public const string Simd = "simd";
    public const string RelaxedSimd = "relaxed-simd";
    public const string Exceptions = "exceptions";
    public const string Gc = "gc";
    public const string Memory64 = "memory64";
    public const string Threads = "threads";
    public const string WideArithmetic = "wide-arithmetic";
}
