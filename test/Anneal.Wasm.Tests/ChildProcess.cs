// The entry point of the test assembly when it is run as a program: tests that need a process of their own start it so.

namespace Anneal.Wasm.Tests;

internal static class ChildProcess
{
    private static int Main(string[] arguments) => arguments is ["exhaust-stack"]
        ? Robustness.StackExhaustionTests.ExhaustAll()
        : throw new ArgumentException("this program is for the tests that start it");
}
