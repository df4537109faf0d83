// A Ruby interpreter as a .NET object. The interpreter is a WebAssembly module that no one made for .NET: it expects WASI, three
// functions that keep handles for it, and the functions of a JavaScript host, which it calls only after `require "js"`.
//
// Values cross the border as handles of a table that the host keeps. A handle that Ruby returns is the host's to remove, and the
// value behind it the host's to drop, once each.

using System.Text;
using Anneal.Wasm;
using Anneal.Wasm.Wasi;

namespace EmbedRuby;

/// <summary>A Ruby virtual machine. Used by one thread at a time; each has its own memory, constants and loaded libraries.</summary>
public sealed class RubyVm : IDisposable
{
    private const int StatusMask = 15;
    private const int Raised = 6;
    private const int Fatal = 8;

    private readonly Store store;
    private readonly HandleTable handles = new();
    private readonly RubyExports ruby;

    /// <summary>Starts a Ruby VM.</summary>
    /// <param name="module">Ruby's module, which many VMs can share.</param>
    /// <param name="wasi">Arguments, environment, directories and streams that Ruby sees; null for the standard streams alone.</param>
    public RubyVm(Module module, WasiOptions? wasi = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        store = new Store(module.Engine);
        try
        {
            using var linker = new Linker(module.Engine);
            DefineImports(linker, module, wasi ?? new WasiOptions());
            ruby = new RubyExports(linker.Instantiate(store, module));
            ruby.Initialize();
            Init("ruby.wasm", "-EUTF-8", "-e_=0");
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Evaluates Ruby source text.</summary>
    /// <param name="source">A script. What it defines stays defined for later evaluations.</param>
    /// <returns>The value of the last expression, through its <c>to_s</c>.</returns>
    /// <exception cref="RubyException">The script raised an exception (<c>exit</c> raises a <c>SystemExit</c>), or isn't valid Ruby.</exception>
    public string Evaluate(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        (int text, int length) = PutString(source);
        int value = Receive(ruby.EvalString(text, length));
        try
        {
            return ToText(value);
        }
        finally
        {
            ruby.Drop(value);
        }
    }

    /// <summary>Ends the VM and frees its memory.</summary>
    public void Dispose() => store.Dispose();

    private void DefineImports(Linker linker, Module module, WasiOptions wasi)
    {
        linker.DefineWasi(wasi);
        linker.Define("canonical_abi", "resource_new_rb-abi-value", handles.Add);
        linker.Define("canonical_abi", "resource_get_rb-abi-value", handles.Get);
        linker.Define("canonical_abi", "resource_drop_js-abi-value", (int _) => { });
        // What is left is for JavaScript hosts.
        linker.DefineUnknownImportsAsTraps(module);
    }

    private void Init(params ReadOnlySpan<string> arguments)
    {
        int list = ruby.Allocate(0, 0, 4, arguments.Length * 8);
        for (int i = 0; i < arguments.Length; i++)
        {
            (int text, int length) = PutString(arguments[i]);
            ruby.Memory.WriteInt32(list + (i * 8), text);
            ruby.Memory.WriteInt32(list + (i * 8) + 4, length);
        }

        ruby.Init(list, arguments.Length);
    }

    // Calls a method without arguments; the result is the caller's to drop.
    private int Call(int receiver, string method)
    {
        (int name, int length) = PutString(method);
        int id = ruby.Intern(name, length);
        int handle = handles.Add(receiver);
        try
        {
            return Receive(ruby.CallMethod(handle, id, 0, 0));
        }
        finally
        {
            handles.Remove(handle);
        }
    }

    // Takes the (handle, status) that an evaluation or a call left in memory, which the next one overwrites.
    private int Receive(int result)
    {
        int handle = ruby.Memory.ReadInt32(result);
        int status = ruby.Memory.ReadInt32(result + 4) & StatusMask;
        int value = handles.Remove(handle);
        if (status == 0) return value;
        ruby.Drop(value);
        throw status is Raised or Fatal
            ? TakeError()
            : new RubyException("LocalJumpError", $"control left the script (status {status})", "");
    }

    private RubyException TakeError()
    {
        int error = handles.Remove(ruby.ErrorInfo());
        ruby.ClearErrorInfo();
        try
        {
            return new RubyException(TextOf(error, "class"), TextOf(error, "message"), TextOf(error, "full_message"));
        }
        finally
        {
            ruby.Drop(error);
        }
    }

    private string TextOf(int receiver, string method)
    {
        int value = Call(receiver, method);
        try
        {
            return ToText(value);
        }
        finally
        {
            ruby.Drop(value);
        }
    }

    private string ToText(int value)
    {
        int text = Call(value, "to_s");
        int handle = handles.Add(text);
        try
        {
            int copy = ruby.StringPointer(handle);
            string read = ruby.Memory.ReadString((uint)ruby.Memory.ReadInt32(copy), ruby.Memory.ReadInt32(copy + 4));
            ruby.FreeStringPointer(copy);
            return read;
        }
        finally
        {
            handles.Remove(handle);
            ruby.Drop(text);
        }
    }

    // Puts a string with a zero byte at its end, which counts, into memory that the function it's passed to will free.
    private (int Pointer, int Length) PutString(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text) + 1;
        int pointer = ruby.Allocate(0, 0, 1, length);
        Span<byte> bytes = ruby.Memory.AsSpan((uint)pointer, length);
        Encoding.UTF8.GetBytes(text, bytes);
        bytes[^1] = 0;
        return (pointer, length);
    }
}
