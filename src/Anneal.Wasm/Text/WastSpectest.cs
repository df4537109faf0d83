// The module "spectest" that scripts may import from: functions that take values and do nothing, a global of each number
// type, a table and a memory. What it has of features that the engine lacks (a shared memory, 64-bit ones) is left out: a
// module that imports it is refused for the feature before it is linked.

namespace Anneal.Wasm.Text;

internal sealed class WastSpectest
{
    public const string ModuleName = "spectest";

    private readonly Dictionary<string, External> _exports = new(StringComparer.Ordinal);

    public WastSpectest(Store store)
    {
        _exports["print"] = Function.FromDelegate(store, () => { });
        _exports["print_i32"] = Function.FromDelegate(store, (int _) => { });
        _exports["print_i64"] = Function.FromDelegate(store, (long _) => { });
        _exports["print_f32"] = Function.FromDelegate(store, (float _) => { });
        _exports["print_f64"] = Function.FromDelegate(store, (double _) => { });
        _exports["print_i32_f32"] = Function.FromDelegate(store, (int _, float _) => { });
        _exports["print_f64_f64"] = Function.FromDelegate(store, (double _, double _) => { });
        _exports["global_i32"] = new Global(store, new GlobalType(ValueType.I32, false), 666);
        _exports["global_i64"] = new Global(store, new GlobalType(ValueType.I64, false), 666L);
        _exports["global_f32"] = new Global(store, new GlobalType(ValueType.F32, false), 666.6f);
        _exports["global_f64"] = new Global(store, new GlobalType(ValueType.F64, false), 666.6);
        _exports["table"] = new Table(store, new TableType(ValueType.FuncRef, new Limits(10, 20)));
        _exports["memory"] = new Memory(store, new MemoryType(new Limits(1, 2)));
    }

    public External? Find(string name) => _exports.GetValueOrDefault(name);
}
