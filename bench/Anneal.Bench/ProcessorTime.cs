// The processor time of child processes, for `--clock cpu`: on a machine that does other things meanwhile, wall time says how
// busy it was. The kernel adds a child's time to its parent's account when the child is waited for, children of children
// included; the runner has one child at a time, so the account's growth is that child's.

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Anneal.Bench;

internal static partial class ProcessorTime
{
    private const int Children = -1; // RUSAGE_CHILDREN

    /// <summary>User and system time of all children that have ended and been waited for.</summary>
    public static TimeSpan OfEndedChildren()
    {
        if (GetResourceUsage(Children, out ResourceUsage usage) != 0)
            throw new Win32Exception();
        return TimeSpan.FromSeconds(usage.UserSeconds + usage.SystemSeconds) +
            TimeSpan.FromMicroseconds(usage.UserMicroseconds + usage.SystemMicroseconds);
    }

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetResourceUsage(int who, out ResourceUsage usage);

    /// <summary>struct rusage of 64-bit Linux: two struct timeval and fourteen longs.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 144)]
    private struct ResourceUsage
    {
        public long UserSeconds;
        public long UserMicroseconds;
        public long SystemSeconds;
        public long SystemMicroseconds;
    }
}
