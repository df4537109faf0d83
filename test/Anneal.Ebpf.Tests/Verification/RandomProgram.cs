// Random programs that often come close to the limits of what is safe: numbers from outside are bounded in one of many ways and then
// used as offsets into a map value, the stack or the packet, where the bound may fit or be off by little.
//
// Registers: r6 context (or 0), r7 value of map "data" (64 bytes), r8 and r9 numbers, r0 to r5 whatever the piece needs (numbers between
// pieces). Stack, from r10 down: 8 to 32 numbers, 40 a key, 48 to 72 loop counters, 80 to 104 loop limits, 112 the caller's stack
// pointer (in functions), 120 a stored pointer, 128 to 160 memory for helpers.
//
// A piece notes what it has put in as a kind (RandomProgram.Kinds.cs), so that tests can tell what the accepted programs had.

using System.Globalization;
using System.Text;

namespace Anneal.Ebpf.Tests.Verification;

/// <summary>Makes one random program.</summary>
/// <param name="random">What decides.</param>
/// <param name="reproducible">Whether its result depends on nothing but packet and maps, so that it can be compared with the Linux kernel's.</param>
internal sealed partial class RandomProgram(Random random, bool reproducible = false)
{
    private const int StackNumbers = 4;
    private const int KeySlot = 40, CounterSlot = 48, LimitSlot = 80, CallerSlot = 112, PointerSlot = 120, BufferSlot = 160, BufferBytes = 32;

    private readonly StringBuilder text = new();
    private readonly StringBuilder functions = new();
    private int labels;
    private bool inFunction;
    private bool hasContext = true;

    /// <summary>The kind of program; known when it's made.</summary>
    public ProgramType Type { get; } = random.Next(3) == 0 ? ProgramTypes.Classifier : ProgramTypes.Xdp;

    private bool IsClassifier => Type == ProgramTypes.Classifier;

    /// <summary>The program's text.</summary>
    public string Make()
    {
        Line("r6 = r1");
        Line("r7 = map[data]+0 ll");
        for (int i = 1; i <= StackNumbers; i++) Line($"*(u64 *)(r10 - {i * 8}) = {RandomNumbers.Immediate(random)}");
        Numbers();
        Pieces(random.Next(2, 9), depth: 0);
        if (reproducible || random.Next(2) == 0)
        {
            Line("*(u64 *)(r7 + 0) = r8");
            Line("*(u64 *)(r7 + 8) = r9");
        }

        Line("r0 = r8");
        Line("exit");
        return text.ToString() + functions;
    }

    /// <summary>The program, assembled.</summary>
    public EbpfProgram Program() => ProgramText.Assemble("random", Type, Make());

    private void Numbers()
    {
        if (reproducible)
        {
            Line($"r8 = *(u64 *)(r7 + {random.Next(0, 8) * 8})");
            Line($"r9 = *(u{(random.Next(2) == 0 ? 32 : 64)} *)(r7 + {random.Next(0, 8) * 8})");
        }
        else
        {
            Line("call 5");
            Line("r8 = r0");
            Line(random.Next(2) == 0 ? "call 7" : $"r0 = *(u64 *)(r7 + {random.Next(0, 7) * 8})");
            Line("r9 = r0");
        }

        for (int r = 0; r <= 5; r++) Line($"r{r} = {RandomNumbers.Immediate(random)}");
    }

    private void Line(string line) => text.Append(line).Append('\n');

    private string Label() => string.Create(CultureInfo.InvariantCulture, $"l{labels++}");

    private int Number() => random.Next(3) switch { 0 => 8, 1 => 9, _ => random.Next(0, 6) };

    // One of the two that hold numbers throughout.
    private int Kept() => random.Next(2) == 0 ? 8 : 9;

    private bool Once(int times) => random.Next(times) == 0;

    // Registers that a piece used, or a call has taken.
    private void Refill(int first = 0)
    {
        for (int r = first; r <= 5; r++) Line($"r{r} = {random.Next(50)}");
    }

    private void Pieces(int count, int depth)
    {
        for (int i = 0; i < count; i++) Piece(depth);
    }

    private void Piece(int depth)
    {
        switch (random.Next(depth < 3 ? 33 : 25))
        {
            case <= 4:
                Calculate();
                break;
            case 5 or 6:
                Bound(Number());
                break;
            case 7 or 8:
                MapAccess(Index());
                break;
            case 9 or 10:
                StackAccess(Index());
                break;
            case 11 or 12:
                PacketAccess(Index());
                break;
            case 13:
                Spill();
                break;
            case 14:
                StorePointer();
                break;
            case 15:
                ChoosePointer(Index());
                break;
            case 16 or 17:
                LookUp();
                break;
            case 18:
                UpdateMap();
                break;
            case 19:
                Reserve();
                break;
            case 20:
                AtomicOperation();
                break;
            case 21:
                MemoryArgument();
                break;
            case 22:
                ContextAccess();
                break;
            case 23:
                if (Once(3)) TailCall();
                else AtomicOperation();
                break;
            case 24:
                if (IsClassifier) LegacyLoad();
                else Calculate();
                break;
            case 25 or 26 or 27:
                Branch(depth);
                break;
            case 28 or 29:
                Loop(depth);
                break;
            case 30:
                CallFunction(depth);
                break;
            case 31:
                LoopCallback(depth);
                break;
            default:
                ElementCallback(depth);
                break;
        }
    }

    // A number that mostly was made small.
    private int Index()
    {
        int index = Kept();
        if (!Once(6)) Bound(index);
        return index;
    }

    private int Size() => 8 << random.Next(4);
}
