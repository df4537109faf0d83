// The log for people: each step with the source line (when it changes), the instruction, and what it changed. Only the last lines are
// kept. Made only when somebody wants it or when a program is refused, so it needn't be fast.

using System.Globalization;
using System.Text;

namespace Anneal.Ebpf.Verification;

/// <summary>What the verifier did, in lines.</summary>
internal sealed class VerifierLog(EbpfProgram program, int maxLines, long firstStep)
{
    private readonly Queue<string> lines = new();
    private readonly RegisterState[] before = new RegisterState[11];
    private readonly MapDefinition[] maps = AllMaps(program);
    private FrameState? frameBefore;
    private uint activationBefore;
    private SourceLine? lastLine;
    private long dropped;

    /// <summary>Steps before this one aren't logged.</summary>
    public long FirstStep => firstStep;

    /// <summary>The log up to now.</summary>
    public string Text
    {
        get
        {
            var text = new StringBuilder();
            if (firstStep > 0) text.Append(CultureInfo.InvariantCulture, $"(the first {firstStep} steps left out)\n");
            if (dropped > 0) text.Append(CultureInfo.InvariantCulture, $"({dropped} earlier lines left out)\n");
            foreach (string line in lines) text.Append(line).Append('\n');
            return text.ToString();
        }
    }

    public void Step(int slot, PathState path)
    {
        SourceLine? line = program.Lines.At(slot);
        if (line is not null && !line.Equals(lastLine)) Add($"; {Place(line)}{(line.Text.Length > 0 ? ": " : "")}{line.Text.Trim()}");
        lastLine = line;
        string depth = path.FrameCount == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" [frame {path.FrameCount - 1}]");
        Add(string.Create(CultureInfo.InvariantCulture, $"{slot}:{depth} {InstructionText.Of(program, slot)}"));
        path.Top.Registers.AsSpan().CopyTo(before);
        frameBefore = path.Top;
        activationBefore = path.Top.Activation;
    }

    /// <summary>Notes which registers the step changed.</summary>
    public void Effect(PathState path)
    {
        if (path.FrameCount == 0 || path.Top != frameBefore || path.Top.Activation != activationBefore) return;
        var text = new StringBuilder();
        for (int r = 0; r <= 10; r++)
        {
            ref RegisterState now = ref path.Top.Registers[r];
            ref RegisterState old = ref before[r];
            bool same = now.Kind == old.Kind && now.Object == old.Object && now.Offset == old.Offset && now.Extent == old.Extent
                && now.MaybeNull == old.MaybeNull && now.Number.Equals(old.Number);
            if (same || now.Kind == RegisterKind.Uninitialized) continue;
            text.Append(text.Length == 0 ? "      " : "; ").Append(CultureInfo.InvariantCulture, $"r{r} = {RegisterText.Of(now, maps)}");
        }

        if (text.Length > 0) Add(text.ToString());
    }

    public void Branch(int slot, PathState path) => Add(string.Create(CultureInfo.InvariantCulture, $"-- the other way, from {slot}: {Registers(path)}"));

    public void Covered(int slot) => Add(string.Create(CultureInfo.InvariantCulture, $"{slot}: was looked at from here with a state that covers this one"));

    public void Finish(long steps, int stored) =>
        Add(string.Create(CultureInfo.InvariantCulture, $"accepted: {program.Instructions.Length} slots, {steps} instructions looked at, {stored} states stored"));

    /// <summary>The message: place, instruction, reason.</summary>
    public string Explain(int slot, string reason)
    {
        string place = program.Lines.At(slot) is { } line ? $" at {Place(line)}" : "";
        return $"{InstructionText.Of(program, slot)}{place}: {reason}";
    }

    public string Refused(int slot, string reason, PathState? path, long steps)
    {
        if (path is { FrameCount: > 0 }) Add("state: " + Registers(path));
        Add(string.Create(CultureInfo.InvariantCulture, $"refused at {slot}: {Explain(slot, reason)}"));
        Add(string.Create(CultureInfo.InvariantCulture, $"{steps} instructions looked at"));
        return Text;
    }

    private string Registers(PathState path)
    {
        var text = new StringBuilder();
        for (int r = 0; r <= 10; r++)
        {
            ref RegisterState state = ref path.Top.Registers[r];
            if (state.Kind == RegisterKind.Uninitialized) continue;
            text.Append(text.Length == 0 ? "" : "; ").Append(CultureInfo.InvariantCulture, $"r{r} = {RegisterText.Of(state, maps)}");
        }

        return text.ToString();
    }

    private static string Place(SourceLine line) => string.Create(CultureInfo.InvariantCulture, $"{line.File}:{line.Line}");

    private void Add(string line)
    {
        if (lines.Count >= Math.Max(maxLines, 1))
        {
            lines.Dequeue();
            dropped++;
        }

        lines.Enqueue(line);
    }

    private static MapDefinition[] AllMaps(EbpfProgram program) => Exploration.CollectMaps(program).Maps;
}
