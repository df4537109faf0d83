namespace System.Runtime.CompilerServices;

/// <summary>Lets the compiler emit init accessors for this older target framework.</summary>
internal static class IsExternalInit;
