// Lowers every module of the conformance scripts that decodes and validates; the checker looks at every body, and the
// assertions about modules without imports are run on the portable tier.

using Anneal.Bytecode;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Lowering;
using Anneal.Wasm.Text;
using Anneal.Wasm.Validation;
using Xunit;

namespace Anneal.Wasm.Tests.Lowering;

public sealed class SuiteLoweringTests
{
    [SuiteTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_valid_module_lowers_to_bodies_that_keep_the_rules(bool fuel)
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
                    bodies += Lowered.FromModule(module!, types, new LoweringOptions { Fuel = fuel }).Bodies.Length;
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

    [SuiteFact]
    public void Modules_without_imports_compute_what_the_scripts_expect()
    {
        int passed = 0;
        var faults = new List<string>();
        foreach (string script in TestSuite.Scripts())
        {
            LoweredInstance? current = null;
            foreach (WastCommand command in WastScript.Parse(File.ReadAllBytes(script), script).Commands)
            {
                string? fault = null;
                switch (command)
                {
                    case WastModuleCommand { Module: var text, DefinitionOnly: false }:
                        current?.Dispose();
                        current = TryDecode(text, out ModuleDefinition? module, out _) && module!.Imports.Length == 0
                            ? new LoweredInstance(module, new LoweringOptions { Addressing = AddressingMode.Checked })
                            : null;
                        break;
                    case WastAssertReturn { Action: WastInvoke { Instance: null } invoke } expected when current is not null && IsPlain(invoke):
                        fault = Record.Exception(() => AssertResults(current.Invoke(invoke.Export, Arguments(invoke)), expected.Results))?.Message;
                        passed++;
                        break;
                    case WastAssertTrap { Action: WastInvoke { Instance: null } invoke } when current is not null && IsPlain(invoke):
                        fault = Record.Exception(() => current.Invoke(invoke.Export, Arguments(invoke))) is TrapException ? null : "no trap";
                        passed++;
                        break;
                    case WastActionCommand { Action: WastInvoke { Instance: null } invoke } when current is not null && IsPlain(invoke):
                        fault = Record.Exception(() => current.Invoke(invoke.Export, Arguments(invoke)))?.Message;
                        break;
                }

                if (fault is not null) faults.Add($"{Path.GetFileName(script)}:{command.Line}: {fault}");
            }

            current?.Dispose();
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(40)));
        Assert.True(passed > 15000, $"only {passed} assertions were run");
    }

    private static bool IsPlain(WastInvoke invoke) =>
        invoke.Arguments.All(a => a.Kind is WastValueKind.I32 or WastValueKind.I64 or WastValueKind.F32 or WastValueKind.F64 or WastValueKind.RefNull or WastValueKind.RefExtern);

    // A host reference is its number plus one, as null is 0.
    private static ulong[] Arguments(WastInvoke invoke) =>
        [.. invoke.Arguments.Select(a => a.Kind switch { WastValueKind.RefNull => 0ul, WastValueKind.RefExtern => a.Low + 1, _ => a.Low })];

    private static void AssertResults(ulong[] slots, IReadOnlyList<WastExpected> expected)
    {
        Assert.Equal(expected.Count, slots.Length);
        for (int i = 0; i < slots.Length; i++)
        {
            if (expected[i] is WastExpectedNumber or WastExpectedNan)
                Assert.True(expected[i].MatchesBits(slots[i], 0), $"result {i} is 0x{slots[i]:x}, not {expected[i]}");
        }
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
