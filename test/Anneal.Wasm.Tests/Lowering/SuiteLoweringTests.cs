// Lowers every module of the conformance scripts that decodes and validates; the checker looks at every body.

using Anneal.Wasm.Binary;
using Anneal.Wasm.Text;
using Anneal.Wasm.Validation;
using Xunit;

namespace Anneal.Wasm.Tests.Lowering;

public sealed class SuiteLoweringTests
{
    [SuiteFact]
    public void Every_valid_module_lowers_to_bodies_that_keep_the_rules()
    {
        int bodies = 0;
        var faults = new List<string>();
        foreach (string script in TestSuite.Scripts())
        {
            foreach (WastCommand command in WastScript.Parse(File.ReadAllBytes(script), script).Commands)
            {
                if (command is not WastModuleCommand { Module: var text } || !TryDecode(text, out ModuleDefinition? module, out TypeRegistry types)) continue;
                try
                {
                    bodies += Lowered.FromModule(module!, types).Bodies.Length;
                }
                catch (InvalidOperationException e)
                {
                    faults.Add($"{Path.GetFileName(script)}:{command.Line}: {e.Message}");
                }
            }
        }

        Assert.Empty(faults);
        Assert.True(bodies > 5000, $"only {bodies} bodies were lowered");
    }

    private static bool TryDecode(WastModule text, out ModuleDefinition? module, out TypeRegistry types)
    {
        types = new TypeRegistry();
        module = null;
        try
        {
            module = ModuleDecoder.Decode(text.Encode(), types);
            ModuleValidator.Validate(module, new ValidationOptions());
            return true;
        }
        catch (WasmException)
        {
            return false;
        }
    }
}
