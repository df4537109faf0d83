// Instructions, plain and folded, to binary code, in one pass and without recursion: nesting lives in a stack of frames, so
// its depth is bounded by memory only. A folded instruction's own bytes wait in a side buffer until its operands, which
// stand inside it, have been written. WatCodeEncoder.Immediates.cs reads what follows a mnemonic.
// Called by the module encoder for function bodies, initializers, offsets and segment items.

using System.Text;

namespace Anneal.Wasm.Text;

internal sealed partial class WatCodeEncoder(WatCursor cursor, WatTypes types, WatIndexSpaces spaces)
{
    private readonly List<Frame> _frames = [];
    private readonly WasmBytes _pending = new();
    private readonly WasmBytes _scratch = new();
    private readonly List<LabelEntry> _labels = [];
    private readonly Dictionary<int, int> _labelBySymbol = [];

    private enum FrameKind : byte
    {
        /// <summary>A folded plain instruction: its bytes are pending, its operands are being written.</summary>
        Folded,
        /// <summary>A folded block, loop or try_table.</summary>
        FoldedBlock,
        /// <summary>A folded if before its `then`: operands are being written.</summary>
        FoldedIf,
        /// <summary>A folded if between or behind its arms.</summary>
        FoldedIfArms,
        Then,
        /// <summary>The `else` arm of a folded if.</summary>
        FoldedElse,
        /// <summary>A folded if whose `else` is closed.</summary>
        FoldedIfDone,
        /// <summary>A block, loop or try_table that ends with `end`.</summary>
        Block,
        If,
        Else,
    }

    private readonly record struct Frame(FrameKind Kind, int PendingStart, int Label);

    /// <summary>An open label: its symbol and the next outer label of the same symbol, or -1.</summary>
    private readonly record struct LabelEntry(int Symbol, int Shadowed);

    /// <summary>The locals of the function being encoded; none in constant expressions.</summary>
    public IndexSpace Locals { get; } = new("local");

    /// <summary>Set for a function whose type is not known yet: its named locals cannot be numbered.</summary>
    public bool LocalsUnknown { get; set; }

    /// <summary>Whether any instruction named a data segment, which asks for a data count section.</summary>
    public bool UsesDataIndex { get; private set; }

    /// <summary>Instructions up to the parenthesis that closes what they stand in (not taken), then `end`.</summary>
    public void Expression(WasmBytes output)
    {
        Instructions(output, single: false);
        output.Byte(0x0B);
    }

    /// <summary>One folded instruction, then `end`.</summary>
    public void FoldedExpression(WasmBytes output)
    {
        if (cursor.NextKind != WatTokenKind.LeftParen)
            throw cursor.Unexpected();
        Instructions(output, single: true);
        output.Byte(0x0B);
    }

    private void Instructions(WasmBytes output, bool single)
    {
        while (true)
        {
            switch (cursor.NextKind)
            {
                case WatTokenKind.LeftParen:
                    OpenFolded(output);
                    break;
                case WatTokenKind.RightParen:
                    if (_frames.Count == 0)
                        return;
                    CloseFolded(output);
                    if (single && _frames.Count == 0)
                        return;
                    break;
                case WatTokenKind.Keyword when AcceptsPlain():
                    Plain(output);
                    break;
                default:
                    throw cursor.Unexpected();
            }
        }
    }

    private bool AcceptsPlain() => _frames.Count == 0
        || _frames[^1].Kind is FrameKind.FoldedBlock or FrameKind.Then or FrameKind.FoldedElse
            or FrameKind.Block or FrameKind.If or FrameKind.Else;

    private InstructionRow Mnemonic()
    {
        WatToken token = cursor.Take(WatTokenKind.Keyword);
        ReadOnlySpan<byte> word = cursor.Source.Bytes(token);
        if (InstructionTable.TryFind(word, out InstructionRow row))
            return row;
        throw IsStructural(word)
            ? cursor.UnexpectedAt(cursor.Position - 1)
            : cursor.Source.Error(token.Start, $"unknown operator {cursor.Source.Describe(token)}");
    }

    // Words of the grammar that are often found where an instruction should be: known, but out of place.
    private static bool IsStructural(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("type"u8) || word.SequenceEqual("param"u8) || word.SequenceEqual("result"u8)
        || word.SequenceEqual("local"u8) || word.SequenceEqual("then"u8) || word.SequenceEqual("export"u8)
        || word.SequenceEqual("import"u8) || word.SequenceEqual("catch"u8) || word.SequenceEqual("item"u8);

    // ---- plain ----

    private void Plain(WasmBytes output)
    {
        int at = cursor.Position;
        InstructionRow row = Mnemonic();
        switch (row.Immediate)
        {
            case ImmediateKind.Block or ImmediateKind.TryTable or ImmediateKind.If:
                int symbol = cursor.Identifier();
                BlockHeader(row, output);
                Push(row.Immediate == ImmediateKind.If ? FrameKind.If : FrameKind.Block, symbol);
                break;
            case ImmediateKind.Else:
                if (_frames.Count == 0 || _frames[^1].Kind != FrameKind.If)
                    throw cursor.UnexpectedAt(at);
                RepeatedLabel();
                _frames[^1] = _frames[^1] with { Kind = FrameKind.Else };
                output.Byte(0x05);
                break;
            case ImmediateKind.End:
                if (_frames.Count == 0 || _frames[^1].Kind is not (FrameKind.Block or FrameKind.If or FrameKind.Else))
                    throw cursor.UnexpectedAt(at);
                RepeatedLabel();
                Pop();
                output.Byte(0x0B);
                break;
            default:
                WithImmediates(row, output);
                break;
        }
    }

    // `else` and `end` may repeat their block's label.
    private void RepeatedLabel()
    {
        WatToken token = cursor.Next;
        int symbol = cursor.Identifier();
        if (symbol != SymbolTable.None && symbol != _labels[^1].Symbol)
            throw cursor.Source.Error(token.Start, $"mismatching label {cursor.Source.Describe(token)}");
    }

    // ---- folded ----

    private void OpenFolded(WasmBytes output)
    {
        FrameKind? top = _frames.Count == 0 ? null : _frames[^1].Kind;
        if (top == FrameKind.FoldedIf && cursor.TryOpen("then"u8))
        {
            Frame waiting = _frames[^1];
            output.Bytes(_pending.From(waiting.PendingStart));
            _pending.Truncate(waiting.PendingStart);
            _frames[^1] = new Frame(FrameKind.FoldedIfArms, waiting.PendingStart, waiting.Label);
            PushLabel(waiting.Label);
            _frames.Add(new Frame(FrameKind.Then, _pending.Length, SymbolTable.None));
            return;
        }
        if (top == FrameKind.FoldedIfArms && cursor.TryOpen("else"u8))
        {
            output.Byte(0x05);
            _frames[^1] = _frames[^1] with { Kind = FrameKind.FoldedIfDone };
            _frames.Add(new Frame(FrameKind.FoldedElse, _pending.Length, SymbolTable.None));
            return;
        }
        if (top is FrameKind.FoldedIfArms or FrameKind.FoldedIfDone)
            throw cursor.Unexpected();
        cursor.Open();
        int at = cursor.Position;
        int pendingStart = _pending.Length;
        InstructionRow row = Mnemonic();
        int symbol;
        switch (row.Immediate)
        {
            case ImmediateKind.Block or ImmediateKind.TryTable:
                symbol = cursor.Identifier();
                BlockHeader(row, output);
                Push(FrameKind.FoldedBlock, symbol);
                break;
            case ImmediateKind.If:
                symbol = cursor.Identifier();
                BlockHeader(row, _pending);
                _frames.Add(new Frame(FrameKind.FoldedIf, pendingStart, symbol));
                break;
            case ImmediateKind.Else or ImmediateKind.End:
                throw cursor.UnexpectedAt(at);
            default:
                WithImmediates(row, _pending);
                _frames.Add(new Frame(FrameKind.Folded, pendingStart, SymbolTable.None));
                break;
        }
    }

    private void CloseFolded(WasmBytes output)
    {
        Frame top = _frames[^1];
        switch (top.Kind)
        {
            case FrameKind.Folded:
                output.Bytes(_pending.From(top.PendingStart));
                _pending.Truncate(top.PendingStart);
                _frames.RemoveAt(_frames.Count - 1);
                break;
            case FrameKind.FoldedBlock or FrameKind.FoldedIfArms or FrameKind.FoldedIfDone:
                Pop();
                output.Byte(0x0B);
                break;
            case FrameKind.Then or FrameKind.FoldedElse:
                _frames.RemoveAt(_frames.Count - 1);
                break;
            default: // an if without `then`, or a block without `end`
                throw cursor.Unexpected();
        }
        cursor.Close();
    }

    // ---- labels ----

    private void Push(FrameKind kind, int symbol)
    {
        PushLabel(symbol);
        _frames.Add(new Frame(kind, _pending.Length, symbol));
    }

    private void PushLabel(int symbol)
    {
        int shadowed = -1;
        if (symbol != SymbolTable.None)
        {
            shadowed = _labelBySymbol.GetValueOrDefault(symbol, -1);
            _labelBySymbol[symbol] = _labels.Count;
        }
        _labels.Add(new LabelEntry(symbol, shadowed));
    }

    // Leaves a frame that has a label.
    private void Pop()
    {
        _frames.RemoveAt(_frames.Count - 1);
        LabelEntry label = _labels[^1];
        _labels.RemoveAt(_labels.Count - 1);
        if (label.Symbol == SymbolTable.None)
            return;
        if (label.Shadowed < 0)
            _labelBySymbol.Remove(label.Symbol);
        else
            _labelBySymbol[label.Symbol] = label.Shadowed;
    }

    private uint Label()
    {
        WatToken token = cursor.Next;
        if (token.Kind != WatTokenKind.Identifier)
            return cursor.U32();
        if (!_labelBySymbol.TryGetValue(token.Symbol, out int label))
            throw cursor.Error($"unknown label ${Encoding.UTF8.GetString(cursor.Source.Symbols[token.Symbol])}");
        cursor.Position++;
        return (uint)(_labels.Count - 1 - label);
    }
}
