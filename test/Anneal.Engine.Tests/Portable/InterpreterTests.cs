using System.Diagnostics;
using Anneal.Bytecode;
using Anneal.Portable;
using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests;

public sealed unsafe class InterpreterTests
{
    public static TheoryData<string> AllOps
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (Op op in Enum.GetValues<Op>()) data.Add(op.ToString());
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(AllOps))]
    public void Every_op_of_the_table_is_executed(string name)
    {
        Op op = Enum.Parse<Op>(name);
        FunctionBody body = BodyWith(op);
        FunctionBody callee = BytecodeText.Parse("function slots=0 params=0 results=0 temps=0\nret");
        InstanceCounts counts = TestCodeUnit.Counts(2, imported: 1, globals: 1, memories: 1, tables: 1, data: 1, elements: 1);
        using var guest = new TestGuest(new TestCodeUnit(counts, body, callee));
        guest.Import(0, new TestHostFunction(0, 0, (_, _, _) => { }));
        guest.Memory(0, LinearMemory.PageBytes, 2 * LinearMemory.PageBytes);
        guest.Table(0, 4, 8, guest.Reference("f2"));
        guest.Data(0, 1, 2, 3, 4);
        guest.Elements(0, 0, 0, 0);
        guest.Execution.State->Fuel = 2;
        BytecodeChecker.Check(body, counts);
        ulong[] slots = [1, 1, 1, 1, 1, 1, 1, 1];
        // Addresses of atomic accesses are multiples of their width.
        if (op is >= Op.I32AtomicAdd and <= Op.I64AtomicCompareExchange) slots.AsSpan().Fill(8);
        if (op is Op.CallRef or Op.TailRef) slots[4] = guest.Reference("f2");
        if (op == Op.Trap) Assert.Throws<TrapException>(() => guest.Run(1, 0, slots));
        else guest.Run(1, 0, slots);
    }

    [Fact]
    public void Call_instructions_all_have_the_length_that_returning_assumes()
    {
        foreach (Op op in Enum.GetValues<Op>())
        {
            for (int i = 0; i < 5; i++)
            {
                if (OpTable.OperandAt(op, i).Kind == OperandKind.Call) Assert.Equal(Activation.CallWords, OpTable.WordsOf(op));
            }
        }
    }

    [Fact]
    public void Backtrace_names_the_faulting_instruction_and_each_call()
    {
        using var guest = new TestGuest(TestCodeUnit.Of(
            BytecodeText.Parse("""
                function slots=1 params=0 results=0 temps=0
                at 10
                nop
                at 11
                call 0, f1 (args 0)
                at 12
                ret
                """),
            BytecodeText.Parse("""
                function slots=2 params=0 results=0 temps=1
                at 20
                const s0, 5
                at 21
                call 1, f2 (args 0)
                at 22
                ret
                """),
            BytecodeText.Parse("""
                function slots=2 params=0 results=1 temps=2
                at 30
                const s0, 5
                at 31
                i32.div_s s0, s0, s1
                at 32
                ret
                """)));
        var trap = Assert.Throws<TrapException>(() => guest.Run(0, 0));
        Assert.Equal(TrapKind.IntegerDivideByZero, trap.Kind);
        Assert.Equal([(2, 31), (1, 21), (0, 11)], trap.Frames.Select(f => (f.FunctionIndex, f.GuestOffset)));
    }

    [Theory]
    [InlineData("i64.load s1, s0, m0.checked, +65536")]
    [InlineData("i64.load16_s s1, s0, m0.checked, +65535")]
    [InlineData("i32.store s0, s1, m0.guarded, +65533")]
    [InlineData("f64.store s0, s1, m0.guarded, +65529")]
    public void Access_faults_are_at_the_access(string access)
    {
        using var guest = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(1, memories: 1),
            BytecodeText.Parse($"function slots=2 params=0 results=0 temps=2\nat 1\nnop\nat 2\n{access}\nat 3\nret")));
        guest.Memory(0, LinearMemory.PageBytes, LinearMemory.PageBytes);
        var trap = Assert.Throws<TrapException>(() => guest.Run(0, 0));
        Assert.Equal((TrapKind.MemoryOutOfBounds, 2), (trap.Kind, trap.Frames[0].GuestOffset));
    }

    [Fact]
    public void Backtrace_of_a_deep_stack_keeps_both_ends()
    {
        using var guest = new TestGuest(TestCodeUnit.Of(
            BytecodeText.Parse("function slots=0 params=0 results=0 temps=0\ncall 0, f1 (args 0)\nret"),
            BytecodeText.Parse("function slots=0 params=0 results=0 temps=0\ncall 0, f1 (args 0)\nret")));
        var trap = Assert.Throws<TrapException>(() => guest.Run(0, 0));
        Assert.Equal(TrapKind.StackExhausted, trap.Kind);
        Assert.Equal(200, trap.Frames.Count);
        Assert.Equal(1, trap.Frames[0].FunctionIndex);
        Assert.Equal(0, trap.Frames[^1].FunctionIndex);
    }

    [Fact]
    public void A_guest_that_exhausted_its_stack_runs_again()
    {
        using var guest = new TestGuest(TestCodeUnit.Of(
            BytecodeText.Parse("function slots=100 params=0 results=0 temps=100\ncall 99, f0 (args 0)\nret"),
            BytecodeText.Parse("function slots=1 params=0 results=1 temps=1\nconst s0, 8\nret")));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(TrapKind.StackExhausted, Assert.Throws<TrapException>(() => guest.Run(0, 0)).Kind);
            Assert.Equal([8ul], guest.Run(1, 1));
        }
    }

    [Theory]
    [InlineData("call.import 1, f0 (args 2)", "ret.1 s1")]
    [InlineData("tail.import 1, f0 (args 2)", "ret")]
    public void Host_functions_get_arguments_and_caller_and_give_results(string call, string ret)
    {
        using var guest = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(1, imported: 1),
            BytecodeText.Parse($"function slots=3 params=0 results=1 temps=1\nconst s1, 30\nconst s2, 4\n{call}\n{ret}")));
        nint caller = 0;
        guest.Import(0, new TestHostFunction(2, 1, (_, from, slots) =>
        {
            caller = (nint)from;
            slots[0] -= slots[1];
        }));
        Assert.Equal([26ul], guest.Run(1, 1));
        Assert.Equal((nint)guest.Instance.State, caller);
    }

    [Fact]
    public void A_host_function_can_be_run_directly()
    {
        using var guest = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(0, imported: 1)));
        guest.Import(0, new TestHostFunction(1, 1, (_, from, slots) => slots[0] += from == null ? 1u : 100u));
        Assert.Equal([6ul], guest.Run(0, 1, 5));
    }

    [Fact]
    public void Host_functions_call_back_above_their_window()
    {
        // f1(n) = n + host(n - 1), host(n) = n == 0 ? 0 : f1(n)
        using var guest = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(1, imported: 1), BytecodeText.Parse("""
            function slots=3 params=1 results=1 temps=2
            mov s1, s0
            i64.add.k s2, s0, -1
            call.import 2, f0 (args 1)
            i64.add s0, s1, s2
            ret
            """)));
        guest.Import(0, new TestHostFunction(1, 1, (execution, _, slots) =>
        {
            Assert.Equal((nint)(slots + 1), (nint)execution.State->NestedWindow);
            if (slots[0] != 0) slots[0] = guest.Run(1, 1, slots[0])[0];
        }));
        ulong* before = guest.Execution.State->NestedWindow;
        Assert.Equal([55ul], guest.Run(1, 1, 10));
        Assert.Equal((nint)before, (nint)guest.Execution.State->NestedWindow);
    }

    [Fact]
    public void A_trap_below_a_host_function_shows_the_frames_of_both_entries()
    {
        using var guest = NestingGuest(out _);
        var trap = Assert.Throws<TrapException>(() => guest.Run(1, 0));
        Assert.Equal(TrapKind.Unreachable, trap.Kind);
        Assert.Equal([(2, 20), (1, 10)], trap.Frames.Select(f => (f.FunctionIndex, f.GuestOffset)));
    }

    [Fact]
    public void Exceptions_of_host_functions_pass_unchanged()
    {
        var thrown = new FileNotFoundException("host");
        using var guest = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(1, imported: 1),
            BytecodeText.Parse("function slots=0 params=0 results=0 temps=0\ncall.import 0, f0 (args 0)\nret")));
        guest.Import(0, new TestHostFunction(0, 0, (_, _, _) => throw thrown));
        ulong* before = guest.Execution.State->NestedWindow;
        Assert.Same(thrown, Assert.Throws<FileNotFoundException>(() => guest.Run(1, 0)));
        Assert.Equal((nint)before, (nint)guest.Execution.State->NestedWindow);
    }

    [Fact]
    public void Host_and_guest_calling_each_other_without_end_exhaust_the_stack()
    {
        using var guest = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(1, imported: 1),
            BytecodeText.Parse("function slots=0 params=0 results=0 temps=0\ncall.import 0, f0 (args 0)\nret")));
        guest.Import(0, new TestHostFunction(0, 0, (_, _, _) => guest.Run(1, 0)));
        TrapKind? kind = null;
        int frames = 0;
        var thread = new Thread(() =>
        {
            var trap = Assert.Throws<TrapException>(() => guest.Run(1, 0));
            kind = trap.Kind;
            frames = trap.Frames.Count;
        }, 1 << 20);
        thread.Start();
        thread.Join();
        Assert.Equal(TrapKind.StackExhausted, kind);
        Assert.InRange(frames, 2, 1200);
    }

    [Fact]
    public void Nested_entries_share_the_limit_of_frames()
    {
        // f1 recurses n deep, then calls the host, which enters f1 again with the same n.
        using var guest = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(1, imported: 1), BytecodeText.Parse("""
            function slots=2 params=1 results=0 temps=1
            br.i32.eq.k s0, 0 -> bottom (live 1)
            i32.add.k s1, s0, -1
            call 1, f1 (args 1)
            ret
            bottom:
            call.import 1, f0 (args 0)
            ret
            """)));
        const int deep = 50_000;
        int entries = 0;
        guest.Import(0, new TestHostFunction(0, 0, (_, _, _) =>
        {
            entries++;
            guest.Run(1, 0, deep);
        }));
        var trap = Assert.Throws<TrapException>(() => guest.Run(1, 0, deep));
        Assert.Equal(TrapKind.StackExhausted, trap.Kind);
        Assert.Equal(Activation.MaxFrames / deep, entries);
        Assert.Equal(0, guest.Execution.PortableFrames);
    }

    [Theory]
    [InlineData("L:\nloop 0:0\nbr -> L (live 0)")]
    [InlineData("tail 0, f1 (args 0)")]
    [InlineData("call 0, f1 (args 0)\nret")]
    public void Cancellation_stops_a_guest_that_never_ends(string endless)
    {
        using var guest = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(1, imported: 1),
            BytecodeText.Parse($"function slots=0 params=0 results=0 temps=0\ncall.import 0, f0 (args 0)\n{endless}")));
        using var source = new CancellationTokenSource();
        guest.Execution.Cancellation = source.Token;
        guest.Import(0, new TestHostFunction(0, 0, (execution, _, _) =>
        {
            source.Cancel();
            execution.Interrupt();
        }));
        Assert.Throws<OperationCanceledException>(() => guest.Run(1, 0));
    }

    [Fact]
    public void An_interrupt_without_cancellation_goes_on()
    {
        using var guest = new TestGuest(TestCodeUnit.Of(BytecodeText.Parse("function slots=1 params=0 results=1 temps=1\nconst s0, 3\nret")));
        guest.Execution.Interrupt();
        Assert.Equal([3ul], guest.Run(0, 1));
        Assert.Equal(0, guest.Execution.State->InterruptPending);
    }

    [Fact]
    public void Calls_reach_the_instance_that_owns_the_callee()
    {
        FunctionBody grow = BytecodeText.Parse("function slots=1 params=0 results=1 temps=1\nglobal.get s0, #0\nret");
        using var library = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(1, globals: 1), grow));
        using var guest = new TestGuest(new TestCodeUnit(TestCodeUnit.Counts(1, imported: 1, globals: 1), BytecodeText.Parse("""
            function slots=2 params=0 results=2 temps=1
            call.import 1, f0 (args 0)
            global.get s0, #0
            ret
            """)));
        *library.Instance.Globals[0] = 111;
        *guest.Instance.Globals[0] = 222;
        guest.Instance.Functions[0] = library.Instance.Functions[0];
        Assert.Equal([222ul, 111ul], guest.Run(1, 2));
        GC.KeepAlive(library);
    }

    [Fact]
    public void Trusted_addresses_are_raw()
    {
        using var guest = new TestGuest(TestCodeUnit.Of(BytecodeText.Parse("""
            function slots=1 params=1 results=1 temps=1
            i32.load s0, s0, m0.trusted, +4
            ret
            """)));
        using var block = new NativeBlock(8);
        ((int*)block.Start)[1] = 1234;
        Assert.Equal([1234ul], guest.Run(0, 1, (ulong)block.Start));
    }

    private static TestGuest NestingGuest(out TestCodeUnit unit)
    {
        unit = new TestCodeUnit(TestCodeUnit.Counts(2, imported: 1),
            BytecodeText.Parse("function slots=0 params=0 results=0 temps=0\nat 10\ncall.import 0, f0 (args 0)\nret"),
            BytecodeText.Parse("function slots=0 params=0 results=0 temps=0\nat 20\ntrap 0"));
        var guest = new TestGuest(unit);
        guest.Import(0, new TestHostFunction(0, 0, (_, _, _) => guest.Run(2, 0)));
        return guest;
    }

    // One instruction of the op with operands that exist, then a return. Slots 4 to 7 are sources, 0 is the destination.
    private static FunctionBody BodyWith(Op op)
    {
        var words = new List<ulong> { (ushort)op };
        int field = 0, source = 4;
        for (int i = 0; OpTable.OperandAt(op, i) is { Kind: not OperandKind.None } operand; i++)
        {
            ulong bits = operand.Kind switch
            {
                OperandKind.Source or OperandKind.SourceWord => (ulong)source++,
                OperandKind.Immediate16 => 1,
                OperandKind.Memory => new MemoryOperand(0, AddressingMode.Checked).Bits,
                OperandKind.Pair when op == Op.Fuel => 1,
                OperandKind.Far => 3 | (2UL << 32),
                OperandKind.Call => new CallOperand(op is Op.Call or Op.Tail ? 2 : op is Op.CallImport or Op.TailImport ? 0 : 1, 0xffffff, 0).Bits,
                _ => 0,
            };
            if (operand.IsField) words[0] |= bits << (16 * ++field);
            else words.Add(bits);
            Debug.Assert(field <= 3);
        }

        if (op == Op.BrTable) words.Add(0);
        int end = words.Count;
        for (int i = 1; i < end; i++)
        {
            if (op == Op.BrTable || OpTable.OperandAt(op, OperandOfWord(op, i)).Kind == OperandKind.Target) words[i] = new BranchTarget(end, ushort.MaxValue).Bits;
        }

        // Ops that count in their operands must have temporaries for them, written before.
        bool counts = (OpTable.EffectsOf(op) & Effects.Progress) != 0;
        for (ulong slot = 4; counts && slot < 7; slot++) words.InsertRange(0, [(ushort)Op.Const | (slot << 16), 1]);
        words.Add((ushort)Op.Ret);
        ulong[] code = GC.AllocateUninitializedArray<ulong>(words.Count, pinned: true);
        words.CopyTo(code);
        return new FunctionBody
        {
            Code = code,
            SlotCount = 8,
            ParameterSlots = counts ? 4 : 8,
            ResultSlots = 0,
            TemporaryBase = counts ? 4 : 8,
            LoopCount = op == Op.Loop ? 1 : 0,
            Sources = SourceMap.Empty,
        };
    }

    private static int OperandOfWord(Op op, int word)
    {
        int seen = 0;
        for (int i = 0; ; i++)
        {
            OperandInfo operand = OpTable.OperandAt(op, i);
            if (operand.Kind == OperandKind.None) throw new ArgumentOutOfRangeException(nameof(word));
            if (!operand.IsField && ++seen == word) return i;
        }
    }
}
