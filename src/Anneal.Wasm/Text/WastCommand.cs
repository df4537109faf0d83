// The commands of a script, as data. WastScript reads them; a runner carries them out.

namespace Anneal.Wasm.Text;

/// <summary>One command and the line it begins on.</summary>
internal abstract record WastCommand(int Line);

/// <summary>`(module ...)`: define and instantiate; with `definition` only define, under the module's name.</summary>
internal sealed record WastModuleCommand(int Line, WastModule Module, bool DefinitionOnly) : WastCommand(Line);

/// <summary>`(module instance $Name $Definition)`: instantiate a definition, the last one when none is named.</summary>
internal sealed record WastInstanceCommand(int Line, string? Name, string? Definition) : WastCommand(Line);

/// <summary>`(register "name" $module)`: offer an instance's exports for import; the last instance when none is named.</summary>
internal sealed record WastRegisterCommand(int Line, string ImportName, string? Instance) : WastCommand(Line);

/// <summary>An action whose results do not matter.</summary>
internal sealed record WastActionCommand(int Line, WastAction Action) : WastCommand(Line);

internal sealed record WastAssertReturn(int Line, WastAction Action, IReadOnlyList<WastExpected> Results) : WastCommand(Line);

/// <summary>A trap in an action, or in the instantiation of a module: one of the two is there.</summary>
internal sealed record WastAssertTrap(int Line, WastAction? Action, WastModule? Module, string Message) : WastCommand(Line);

internal sealed record WastAssertExhaustion(int Line, WastAction Action, string Message) : WastCommand(Line);

/// <summary>The action ends with an uncaught exception.</summary>
internal sealed record WastAssertException(int Line, WastAction Action) : WastCommand(Line);

internal sealed record WastAssertInvalid(int Line, WastModule Module, string Message) : WastCommand(Line);

internal sealed record WastAssertMalformed(int Line, WastModule Module, string Message) : WastCommand(Line);

internal sealed record WastAssertUnlinkable(int Line, WastModule Module, string Message) : WastCommand(Line);

/// <summary>A command of a kind or in a form that is not known: counted as skipped, never as passed.</summary>
internal sealed record WastUnsupported(int Line, string Name) : WastCommand(Line);

/// <summary>What is done to an instance: the named one, or the last one.</summary>
internal abstract record WastAction(string? Instance, string Export);

internal sealed record WastInvoke(string? Instance, string Export, IReadOnlyList<WastValue> Arguments)
    : WastAction(Instance, Export);

internal sealed record WastGet(string? Instance, string Export) : WastAction(Instance, Export);
