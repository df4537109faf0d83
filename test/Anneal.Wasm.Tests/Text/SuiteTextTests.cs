// The text format against the conformance scripts: everything in them parses, every module that is not meant to be malformed
// encodes, and every quoted module that is meant to be malformed is refused by the text format itself.

using Anneal.Wasm.Text;
using Xunit;

namespace Anneal.Wasm.Tests.Text;

public sealed class SuiteTextTests
{
    public static TheoryData<string> Scripts()
    {
        var names = new TheoryData<string>();
        foreach (string path in TestSuite.Scripts())
            names.Add(Path.GetRelativePath(TestSuite.Folder!, path));
        return names;
    }

    [SuiteTheory]
    [MemberData(nameof(Scripts))]
    public void A_script_parses_and_its_modules_encode(string name)
    {
        WastScript script = Parse(name);
        Assert.NotEmpty(script.Commands);
        Assert.DoesNotContain(script.Commands, command => command is WastUnsupported);
        foreach (WastCommand command in script.Commands)
        {
            WastModule? module = command switch
            {
                WastModuleCommand definition => definition.Module,
                WastAssertTrap trap => trap.Module,
                WastAssertInvalid invalid => invalid.Module,
                WastAssertUnlinkable unlinkable => unlinkable.Module,
                _ => null,
            };
            if (module is null)
                continue;
            byte[] bytes = module.Encode();
            if (module.Kind != WastModuleKind.Binary)
                Assert.Equal("\0asm\u0001\0\0\0"u8, bytes.AsSpan(0, 8));
        }
    }

    [SuiteTheory]
    [MemberData(nameof(Scripts))]
    public void Every_malformed_text_is_refused(string name)
    {
        foreach (WastCommand command in Parse(name).Commands)
        {
            if (command is not WastAssertMalformed { Module.Kind: WastModuleKind.Quote } malformed)
                continue;
            Exception? error = Record.Exception(malformed.Module.Encode);
            Assert.True(error is WatException, $"line {malformed.Line}: {malformed.Message}: {error?.ToString() ?? "accepted"}");
        }
    }

    private static WastScript Parse(string name)
    {
        byte[] text = File.ReadAllBytes(Path.Combine(TestSuite.Folder!, name));
        return WastScript.Parse(text, name);
    }
}
