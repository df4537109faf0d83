namespace Anneal.Ebpf;

/// <summary>A map's definition isn't one that a map can be made of.</summary>
public sealed class InvalidMapException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="map">The map's name.</param>
    /// <param name="message">What is wrong.</param>
    public InvalidMapException(string map, string message)
        : base($"map {map}: {message}") => Map = map;

    /// <summary>The map's name.</summary>
    public string Map { get; }
}
