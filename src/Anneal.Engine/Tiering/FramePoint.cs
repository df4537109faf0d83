namespace Anneal.Tiering;

/// <summary>How a stopped frame stands to its instruction.</summary>
internal enum FramePoint : byte
{
    /// <summary>The function has been called and has executed nothing: its arguments are in its first slots.</summary>
    Entry,

    /// <summary>The instruction is to be executed.</summary>
    At,

    /// <summary>The instruction, a loop header or a call, is done: the next one follows.</summary>
    After,
}
