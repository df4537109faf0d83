// What stops the runner before it has measured anything: a wrong option, a missing file. Program prints the message alone.

namespace Anneal.Bench;

internal sealed class BenchException(string message) : Exception(message);
