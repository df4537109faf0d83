// The tool's own output. Guests write to the process's descriptors directly, so what the tool prints before a guest runs has
// to be flushed, and System.Console, which takes milliseconds to start and changes the terminal's state, stays out of it.

using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Anneal.Cli;

/// <summary>Standard output and error of the tool, opened when first used.</summary>
internal sealed class ProcessStreams : IDisposable
{
    private TextWriter? output;
    private TextWriter? error;

    public ProcessStreams()
    {
    }

    /// <summary>Streams that lead elsewhere, for tests.</summary>
    public ProcessStreams(TextWriter output, TextWriter error)
    {
        this.output = output;
        this.error = error;
    }

    /// <summary>Buffered; flushed at the end.</summary>
    public TextWriter Output => output ??= Open(1, flushes: false);

    /// <summary>Not buffered.</summary>
    public TextWriter Error => error ??= Open(2, flushes: true);

    /// <summary>Writes what is buffered. A reader that has gone away is nobody to tell about it.</summary>
    public void Dispose()
    {
        try
        {
            output?.Flush();
        }
        catch (IOException)
        {
        }
    }

    private static StreamWriter Open(int descriptor, bool flushes)
    {
        var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 4096) { AutoFlush = flushes, NewLine = "\n" };
    }
}
