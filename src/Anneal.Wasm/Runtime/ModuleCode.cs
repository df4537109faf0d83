// A module's functions for the tiers. A module has up to two of these, which differ in how memories are accessed: guarded
// for instances whose memories all are, checked for the rest. Lowering a function needs buffers that are worth keeping: a
// small pool of FunctionLowering, since several threads may need one at once.

using Anneal.Bytecode;
using Anneal.Runtime;
using Anneal.Wasm.Binary;
using Anneal.Wasm.Lowering;

namespace Anneal.Wasm.Runtime;

/// <summary>The code unit of a WebAssembly module.</summary>
internal sealed class ModuleCode : CodeUnit
{
    private const int PooledLowerings = 4;
    private readonly Pool<FunctionLowering> pool = new(PooledLowerings);
    private readonly LoweringOptions options;
    private readonly Module module;

    public ModuleCode(Module module, AddressingMode addressing)
        : base(new InstanceLayout(CountsOf(module.Definition)), module.Engine.Journal)
    {
        this.module = module;
        bool fuel = module.Engine.Options.FuelMetering;
        options = addressing == AddressingMode.Guarded && !fuel ? LoweringOptions.Default : new LoweringOptions { Addressing = addressing, Fuel = fuel };
    }

    public override string? Name => module.Name;

    public override string? FunctionName(int function) => module.FunctionName(function);

    /// <summary>The type of a function.</summary>
    public FunctionType TypeOf(int function) => module.Definition.Functions[function];

    /// <summary>
    /// What the slots of a function's frame hold at some of its safe points, by pc; see
    /// <see cref="FunctionLowering.LowerForLayouts"/>. Not kept: frames are lifted far more rarely than functions are lowered.
    /// </summary>
    public Dictionary<int, FrameLayout> LayoutsOf(int function, IReadOnlySet<int> pcs)
    {
        if (!pool.TryTake(out FunctionLowering? lowering)) lowering = new FunctionLowering(options);
        Dictionary<int, FrameLayout> layouts = lowering.LowerForLayouts(module.Definition, function - module.Definition.ImportedFunctionCount, pcs);
        pool.TryAdd(lowering);
        return layouts;
    }

    protected override FunctionBody Lower(int function)
    {
        if (!pool.TryTake(out FunctionLowering? lowering)) lowering = new FunctionLowering(options);
        FunctionBody body = lowering.Lower(module.Definition, function - module.Definition.ImportedFunctionCount);
        pool.TryAdd(lowering);
        return body;
    }

    private static InstanceCounts CountsOf(ModuleDefinition module)
    {
        int sites = module.Codes.Length == 0 ? 0 : module.Codes[^1].FirstCallSite + module.Codes[^1].CallSiteCount;
        return new InstanceCounts(
            module.ImportedFunctionCount,
            module.Functions.Length,
            module.ImportedGlobalCount,
            module.Globals.Length,
            module.Memories.Length,
            module.Tables.Length,
            module.Datas.Length,
            module.Elements.Length,
            sites);
    }
}
