// The tool's own input and output. Console.Out and Console.Error would take milliseconds to start and change the terminal's state; the
// raw streams under them do neither. (A FileStream would write at offsets of its own choosing into a file that others,
// such as the guest, write to as well.)

using System.Text;

namespace Anneal.Cli;

/// <summary>Standard input, output and error of the tool, opened when first used.</summary>
internal sealed class ProcessStreams : IDisposable
{
    private TextWriter? output;
    private TextWriter? error;
    private Stream? input;

    public ProcessStreams()
    {
    }

    /// <summary>Streams that lead elsewhere, for tests.</summary>
    public ProcessStreams(TextWriter output, TextWriter error, Stream? input = null)
    {
        this.input = input;
        this.output = output;
        this.error = error;
    }

    /// <summary>Not buffered.</summary>
    public Stream Input => input ??= Console.OpenStandardInput();

    /// <summary>Buffered; flushed at the end.</summary>
    public TextWriter Output => output ??= Open(Console.OpenStandardOutput(), flushes: false);

    /// <summary>Not buffered.</summary>
    public TextWriter Error => error ??= Open(Console.OpenStandardError(), flushes: true);

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

    private static StreamWriter Open(Stream stream, bool flushes) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 4096) { AutoFlush = flushes, NewLine = "\n" };
}
