// A .wast script to its list of commands. Modules inside are not looked into (see WastModule); a command that is unknown
// becomes WastUnsupported; only text that cannot be cut into commands at all throws. Called by the script runner.

using System.Text;

namespace Anneal.Wasm.Text;

internal sealed class WastScript
{
    private readonly WatSource _source;
    private readonly WatCursor _cursor;
    private readonly List<WastCommand> _commands = [];
    private int _line = 1;
    private int _lineOffset;

    private WastScript(WatSource source)
    {
        _source = source;
        _cursor = new WatCursor(source, 0);
    }

    /// <summary>The name that the script was given; null if none.</summary>
    public string? FileName => _source.FileName;

    public IReadOnlyList<WastCommand> Commands => _commands;

    /// <summary>Reads a script; a script of bare module fields is one module command.</summary>
    /// <exception cref="WatException">The text is not a sequence of commands.</exception>
    public static WastScript Parse(ReadOnlySpan<byte> utf8, string? fileName)
    {
        WatSource source = WatLexer.Run(utf8.ToArray(), fileName);
        var script = new WastScript(source);
        if (script.StartsWithField())
            script._commands.Add(script.BareModule());
        else
            script.ReadCommands();
        return script;
    }

    private bool StartsWithField() =>
        _cursor.IsOpen("func"u8) || _cursor.IsOpen("type"u8) || _cursor.IsOpen("rec"u8) || _cursor.IsOpen("import"u8)
        || _cursor.IsOpen("export"u8) || _cursor.IsOpen("memory"u8) || _cursor.IsOpen("table"u8) || _cursor.IsOpen("global"u8)
        || _cursor.IsOpen("tag"u8) || _cursor.IsOpen("elem"u8) || _cursor.IsOpen("data"u8) || _cursor.IsOpen("start"u8);

    private WastModuleCommand BareModule()
    {
        int line = LineAt(_cursor.Next.Start);
        while (_cursor.TryTake(WatTokenKind.LeftParen))
            _cursor.SkipToClose();
        _cursor.Take(WatTokenKind.End);
        var module = new WastModule(_source, WastModuleKind.Text, 0, SymbolTable.None, null, line);
        return new WastModuleCommand(line, module, DefinitionOnly: false);
    }

    private void ReadCommands()
    {
        while (!_cursor.TryTake(WatTokenKind.End))
        {
            int line = LineAt(_cursor.Next.Start);
            _cursor.Open();
            int head = _cursor.Position;
            WatToken word = _cursor.Take(WatTokenKind.Keyword);
            WastCommand? command = Command(_source.Bytes(word), line);
            if (command is null)
            {
                _cursor.Position = head;
                _cursor.SkipToClose();
                command = new WastUnsupported(line, Encoding.UTF8.GetString(_source.Bytes(word)));
            }
            else
                _cursor.Close();
            _commands.Add(command);
        }
    }

    // A command behind its head word, up to its closing parenthesis; null when it is of a kind or form that is not known.
    private WastCommand? Command(ReadOnlySpan<byte> head, int line)
    {
        if (head.SequenceEqual("assert_return"u8))
            return Action() is { } action ? ExpectedResults(line, action) : null;
        if (head.SequenceEqual("module"u8))
            return Module(line);
        if (head.SequenceEqual("register"u8))
            return new WastRegisterCommand(line, Text(), Identifier());
        if (head.SequenceEqual("invoke"u8) || head.SequenceEqual("get"u8))
        {
            _cursor.Position -= 2; // an action is read from its parenthesis on
            WastAction? action = Action();
            _cursor.Position--;
            return action is null ? null : new WastActionCommand(line, action);
        }
        if (head.SequenceEqual("assert_trap"u8))
        {
            if (_cursor.IsOpen("module"u8))
                return OfModule(line, static (line, module, message) => new WastAssertTrap(line, null, module, message));
            return Action() is { } action ? new WastAssertTrap(line, action, null, Text()) : null;
        }
        if (head.SequenceEqual("assert_exhaustion"u8))
            return Action() is { } action ? new WastAssertExhaustion(line, action, Text()) : null;
        if (head.SequenceEqual("assert_exception"u8))
            return Action() is { } action ? new WastAssertException(line, action) : null;
        if (head.SequenceEqual("assert_invalid"u8))
            return OfModule(line, static (line, module, message) => new WastAssertInvalid(line, module, message));
        if (head.SequenceEqual("assert_malformed"u8))
            return OfModule(line, static (line, module, message) => new WastAssertMalformed(line, module, message));
        if (head.SequenceEqual("assert_unlinkable"u8))
            return OfModule(line, static (line, module, message) => new WastAssertUnlinkable(line, module, message));
        return null;
    }

    private WastCommand? OfModule(int line, Func<int, WastModule, string, WastCommand> make)
    {
        int moduleLine = LineAt(_cursor.Next.Start);
        if (!_cursor.TryOpen("module"u8) || Module(moduleLine) is not WastModuleCommand { DefinitionOnly: false } command)
            return null;
        _cursor.Close();
        return make(line, command.Module, Text());
    }

    // Behind `(module`, up to its closing parenthesis.
    private WastCommand Module(int line)
    {
        if (_cursor.TryKeyword("instance"u8))
        {
            string? instance = Identifier();
            string? definition = Identifier();
            return definition is null
                ? new WastInstanceCommand(line, null, instance)
                : new WastInstanceCommand(line, instance, definition);
        }
        bool definitionOnly = _cursor.TryKeyword("definition"u8);
        int symbol = _cursor.Identifier();
        string? name = symbol == SymbolTable.None ? null : Encoding.UTF8.GetString(_source.Symbols[symbol]);
        WastModuleKind kind = _cursor.TryKeyword("binary"u8) ? WastModuleKind.Binary
            : _cursor.TryKeyword("quote"u8) ? WastModuleKind.Quote
            : WastModuleKind.Text;
        var module = new WastModule(_source, kind, _cursor.Position, symbol, name, line);
        if (kind == WastModuleKind.Text)
        {
            _cursor.SkipToClose();
            _cursor.Position--;
        }
        else
        {
            while (_cursor.TryTake(WatTokenKind.String)) { }
        }
        return new WastModuleCommand(line, module, definitionOnly);
    }

    private WastAction? Action()
    {
        bool invoke = _cursor.TryOpen("invoke"u8);
        if (!invoke && !_cursor.TryOpen("get"u8))
            return null;
        string? instance = Identifier();
        string export = Text();
        if (!invoke)
        {
            _cursor.Close();
            return new WastGet(instance, export);
        }
        var arguments = new List<WastValue>();
        while (_cursor.TryTake(WatTokenKind.LeftParen))
        {
            if (WastValueReader.Argument(_cursor) is not { } argument)
                return null;
            arguments.Add(argument);
            _cursor.Close();
        }
        _cursor.Close();
        return new WastInvoke(instance, export, arguments);
    }

    private WastAssertReturn? ExpectedResults(int line, WastAction action)
    {
        var results = new List<WastExpected>();
        while (_cursor.TryTake(WatTokenKind.LeftParen))
        {
            if (WastValueReader.Expected(_cursor) is not { } expected)
                return null;
            results.Add(expected);
            _cursor.Close();
        }
        return new WastAssertReturn(line, action, results);
    }

    private string? Identifier()
    {
        int symbol = _cursor.Identifier();
        return symbol == SymbolTable.None ? null : Encoding.UTF8.GetString(_source.Symbols[symbol]);
    }

    private string Text()
    {
        var bytes = new WasmBytes();
        _cursor.String(bytes);
        return Encoding.UTF8.GetString(bytes.Span);
    }

    // Commands are read front to back, so lines are counted on from the last one asked for.
    private int LineAt(int offset)
    {
        _line += _source.Text.AsSpan(_lineOffset, offset - _lineOffset).Count((byte)'\n');
        _lineOffset = offset;
        return _line;
    }
}
