// The layouts of many frames at once: a function is lowered once for all its frames, however deep it has recursed.

using Anneal.Runtime;
using Anneal.Tiering;
using Anneal.Wasm.Lowering;
using Anneal.Wasm.Runtime;

namespace Anneal.Wasm.Suspension;

/// <summary>Finds what the slots of lifted frames hold.</summary>
internal static class FrameLayouts
{
    /// <summary>The layout of each frame.</summary>
    public static FrameLayout[] Of(ReadOnlySpan<FrameState> frames)
    {
        var places = new (CodeUnit Unit, int Function, int Pc, FramePoint Point)[frames.Length];
        for (int i = 0; i < places.Length; i++) places[i] = (frames[i].Unit, frames[i].Function, frames[i].Pc, frames[i].Point);
        return Of(places);
    }

    /// <summary>The layout of a frame at each place, which is a safe point.</summary>
    public static FrameLayout[] Of(ReadOnlySpan<(CodeUnit Unit, int Function, int Pc, FramePoint Point)> places)
    {
        var wanted = new Dictionary<(CodeUnit, int), HashSet<int>>();
        foreach ((CodeUnit unit, int function, int pc, FramePoint point) in places)
        {
            if (point == FramePoint.Entry) continue;
            if (!wanted.TryGetValue((unit, function), out HashSet<int>? pcs)) wanted.Add((unit, function), pcs = []);
            pcs.Add(pc);
        }

        var found = new Dictionary<(CodeUnit, int), Dictionary<int, FrameLayout>>();
        foreach (((CodeUnit unit, int function), HashSet<int> pcs) in wanted) found.Add((unit, function), ((ModuleCode)unit).LayoutsOf(function, pcs));
        var layouts = new FrameLayout[places.Length];
        for (int i = 0; i < layouts.Length; i++)
        {
            (CodeUnit unit, int function, int pc, FramePoint point) = places[i];
            if (point == FramePoint.Entry) layouts[i] = FrameLayout.AtEntry(((ModuleCode)unit).TypeOf(function), unit.BodyOf(function));
            else if (!found[(unit, function)].TryGetValue(pc, out layouts[i]!)) throw new InvalidOperationException($"engine bug: function {function} has no instruction at {pc}");
        }

        return layouts;
    }
}
