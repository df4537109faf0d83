// The shared pieces of emitted code between managed code and guest code. They know no engine and no instance: all they
// need comes through the pinned registers. Emitted once a process, at the start of the code space.
//
// Every stub that calls into managed code has an ordinary frame, so that a stack walk from there finds its way. Managed
// functions called from here are UnmanagedCallersOnly, never throw, and answer whether to unwind. Unwinding means: set
// rsp to what the innermost Enter noted and return 1 from it. No managed frame is ever jumped over.

using Anneal.Assembler;
using Anneal.Diagnostics;
using Anneal.Templates;

namespace Anneal.Runtime;

/// <summary>Addresses of the shared stubs, and the emission of them.</summary>
internal sealed unsafe class Stubs
{
    private const Size Q = Size.Qword;

    private Stubs()
    {
    }

    /// <summary><c>int Enter(ExecutionState*, InstanceState*, ulong* window, nint entry)</c>, called from managed code: 0, or 1 after unwinding.</summary>
    public nint Enter { get; private set; }

    /// <summary>
    /// <c>int Resume(ExecutionState*, InstanceState*, ulong* frame, nint address, nint position)</c>, called from managed code:
    /// opens a native frame and goes on at that address in guest code, the last two in rbx and r15. Answers as Enter does.
    /// </summary>
    public nint Resume { get; private set; }

    /// <summary>Where the signal handler continues after a fault in guest code.</summary>
    public nint Fault { get; private set; }

    /// <summary>Called to trap where the hardware can't be trusted to; the return address is the site.</summary>
    public nint RaiseTrap { get; private set; }

    /// <summary>What a trampoline calls while its function isn't compiled.</summary>
    public nint Compile { get; private set; }

    /// <summary>The entry of every host function.</summary>
    public nint HostCall { get; private set; }

    /// <summary>Runs the instruction whose bytecode address is in rcx; answers 1 to be called again.</summary>
    public nint RareOp { get; private set; }

    /// <summary>Called when rsp is below the stack limit: an interrupt, or the stack is used up.</summary>
    public nint Poll { get; private set; }

    /// <summary>Called by the threaded interpreter, its position in r15 and in the frame, when a function or loop has become hot.</summary>
    public nint Hot { get; private set; }

    /// <summary>Called when less fuel is left than a fuel op wants; nothing has been charged. When it returns there's more, and the charge is tried again.</summary>
    public nint OutOfFuel { get; private set; }

    /// <summary>Copies a few bytes: see <see cref="BulkStubs"/>.</summary>
    public nint Copy { get; private set; }

    /// <summary>Fills a few bytes: see <see cref="BulkStubs"/>.</summary>
    public nint Fill { get; private set; }

    /// <summary>Emits the stubs.</summary>
    /// <exception cref="OutOfMemoryException">The code space is full.</exception>
    public static Stubs Emit(CodeSpace space)
    {
        using var buffer = new CodeBuffer();
        var asm = new X64Assembler(buffer);
        Label unwind = buffer.NewLabel();
        int enter = EmitEnter(asm, unwind, out Label leave);
        int resume = EmitResume(asm, leave);
        int fault = EmitFault(asm, unwind);
        int raise = EmitRaiseTrap(asm, unwind);
        int compile = EmitCompile(asm, unwind);
        int hostCall = EmitHostCall(asm, unwind);
        int rareOp = EmitRareOp(asm, unwind);
        int poll = EmitPoll(asm, unwind);
        int hot = EmitHot(asm, unwind);
        int outOfFuel = EmitOutOfFuel(asm, unwind);
        int copy = Begin(asm);
        BulkStubs.EmitCopy(asm);
        int fill = Begin(asm);
        BulkStubs.EmitFill(asm);
        CodeBlock block = space.Allocate(buffer.Position);
        buffer.CopyTo(block.Writable, block.Executable);
        nint start = (nint)block.Executable;
        if (PerfMap.Instance is { } map)
        {
            ReadOnlySpan<int> starts = [enter, resume, fault, raise, compile, hostCall, rareOp, poll, hot, outOfFuel, copy, fill, buffer.Position];
            ReadOnlySpan<string> names = ["enter", "resume", "fault", "raise trap", "compile", "host call", "rare op", "poll", "hot", "out of fuel", "copy", "fill"];
            for (int i = 0; i < names.Length; i++) map.Add(start + starts[i], starts[i + 1] - starts[i], $"[stub] {names[i]}");
        }

        return new Stubs
        {
            Enter = start + enter,
            Resume = start + resume,
            Fault = start + fault,
            RaiseTrap = start + raise,
            Compile = start + compile,
            HostCall = start + hostCall,
            RareOp = start + rareOp,
            Poll = start + poll,
            Hot = start + hot,
            OutOfFuel = start + outOfFuel,
            Copy = start + copy,
            Fill = start + fill,
        };
    }

    private static int EmitEnter(X64Assembler asm, Label unwind, out Label leave)
    {
        int start = Begin(asm);
        SaveHost(asm);
        asm.Xor(Size.Dword, Registers.Caller, Registers.Caller);
        asm.Call(Gpr.Rcx);
        leave = asm.Code.NewLabel();
        asm.Xor(Size.Dword, Gpr.Rax, Gpr.Rax);
        asm.Code.Bind(leave);
        asm.Pop(Mem.At(Registers.Execution, Offsets.EntryStack));
        asm.Pop(Gpr.R15);
        asm.Pop(Gpr.R14);
        asm.Pop(Gpr.R13);
        asm.Pop(Gpr.R12);
        asm.Pop(Gpr.Rbx);
        asm.Pop(Gpr.Rbp);
        asm.Ret();
        asm.Code.Bind(unwind);
        asm.Mov(Q, Gpr.Rsp, Mem.At(Registers.Execution, Offsets.EntryStack));
        asm.Mov(Size.Dword, Gpr.Rax, 1);
        asm.Jmp(leave);
        return start;
    }

    private static int EmitResume(X64Assembler asm, Label leave)
    {
        int start = Begin(asm);
        Label open = asm.Code.NewLabel();
        SaveHost(asm);
        asm.Mov(Q, Gpr.R15, Gpr.R8);
        asm.Call(open);
        asm.Xor(Size.Dword, Gpr.Rax, Gpr.Rax);
        asm.Jmp(leave);
        asm.Code.Bind(open);
        OpenFrame(asm);
        SaveStreamPosition(asm);
        asm.Jmp(Gpr.Rcx);
        return start;
    }

    // What managed code wants back, and the pinned registers from the arguments.
    private static void SaveHost(X64Assembler asm)
    {
        asm.Push(Gpr.Rbp);
        asm.Mov(Q, Gpr.Rbp, Gpr.Rsp);
        asm.Push(Gpr.Rbx);
        asm.Push(Gpr.R12);
        asm.Push(Gpr.R13);
        asm.Push(Gpr.R14);
        asm.Push(Gpr.R15);
        asm.Mov(Q, Registers.Execution, Gpr.Rdi);
        asm.Push(Mem.At(Registers.Execution, Offsets.EntryStack));
        asm.Mov(Q, Mem.At(Registers.Execution, Offsets.EntryStack), Gpr.Rsp);
        asm.Mov(Q, Registers.Instance, Gpr.Rsi);
        asm.Mov(Q, Registers.Frame, Gpr.Rdx);
        asm.Mov(Q, Registers.MemoryBase, Mem.At(Registers.Instance, Offsets.InstanceMemoryBase));
    }

    // Registers and stack are those of the faulting instruction; the handler has noted its pc.
    private static int EmitFault(X64Assembler asm, Label unwind)
    {
        int start = Begin(asm);
        SaveStreamPosition(asm);
        for (int i = 0; i < 16; i++) asm.Mov(Q, Mem.At(Registers.Execution, Offsets.SavedRegisters + (i * 8)), (Gpr)i);
        asm.Mov(Q, Gpr.Rdi, Registers.Execution);
        asm.Mov(Q, Gpr.Rsi, Mem.At(Registers.Execution, Offsets.FaultPc));
        asm.Mov(Q, Gpr.Rdx, Gpr.Rbp);
        Invoke(asm, (nint)(delegate* unmanaged<ExecutionState*, nint, nint*, void>)&EmittedCalls.OnFault);
        asm.Jmp(unwind);
        return start;
    }

    private static int EmitRaiseTrap(X64Assembler asm, Label unwind)
    {
        int start = Begin(asm);
        asm.Pop(Gpr.Rsi);
        SaveStreamPosition(asm);
        asm.Mov(Q, Gpr.Rdi, Registers.Execution);
        asm.Mov(Q, Gpr.Rdx, Gpr.Rbp);
        Invoke(asm, (nint)(delegate* unmanaged<ExecutionState*, nint, nint*, void>)&EmittedCalls.OnFault);
        asm.Jmp(unwind);
        return start;
    }

    private static int EmitCompile(X64Assembler asm, Label unwind)
    {
        int start = Begin(asm);
        asm.Pop(Gpr.Rdx);
        asm.Sub(Q, Gpr.Rdx, X64StaticCall.ReturnOffset);
        OpenFrame(asm);
        asm.Mov(Q, Gpr.Rdi, Registers.Execution);
        asm.Mov(Q, Gpr.Rsi, Registers.Instance);
        asm.Mov(Q, Gpr.Rcx, Gpr.Rbp);
        Invoke(asm, (nint)(delegate* unmanaged<ExecutionState*, InstanceState*, nint, nint*, nint>)&EmittedCalls.Compile);
        asm.Test(Q, Gpr.Rax, Gpr.Rax);
        asm.Jcc(Condition.E, unwind);
        asm.Leave();
        asm.Jmp(Gpr.Rax);
        return start;
    }

    private static int EmitHostCall(X64Assembler asm, Label unwind)
    {
        int start = Begin(asm);
        OpenFrame(asm);
        asm.Mov(Q, Gpr.Rdi, Registers.Execution);
        asm.Mov(Q, Gpr.Rsi, Registers.Instance);
        asm.Mov(Q, Gpr.Rdx, Registers.Frame);
        asm.Mov(Q, Gpr.Rcx, Gpr.Rbp);
        // The fifth argument is in place: r8, the Caller register.
        Invoke(asm, (nint)(delegate* unmanaged<ExecutionState*, InstanceState*, ulong*, nint*, InstanceState*, int>)&EmittedCalls.HostCall);
        asm.Test(Size.Dword, Gpr.Rax, Gpr.Rax);
        asm.Jcc(Condition.NE, unwind);
        asm.Leave();
        asm.Ret();
        return start;
    }

    private static int EmitRareOp(X64Assembler asm, Label unwind)
    {
        int start = Begin(asm);
        OpenFrame(asm);
        asm.Mov(Q, Gpr.Rdi, Registers.Execution);
        asm.Mov(Q, Gpr.Rsi, Registers.Instance);
        asm.Mov(Q, Gpr.Rdx, Registers.Frame);
        asm.Mov(Q, Gpr.R8, Gpr.Rbp);
        Invoke(asm, (nint)(delegate* unmanaged<ExecutionState*, InstanceState*, ulong*, ulong*, nint*, int>)&EmittedCalls.RareOp);
        asm.Test(Size.Dword, Gpr.Rax, Gpr.Rax);
        asm.Jcc(Condition.S, unwind);
        asm.Leave();
        asm.Ret();
        return start;
    }

    private static int EmitPoll(X64Assembler asm, Label unwind) =>
        EmitStop(asm, unwind, (nint)(delegate* unmanaged<ExecutionState*, nint*, ulong*, nint>)&EmittedCalls.Poll);

    private static int EmitOutOfFuel(X64Assembler asm, Label unwind) =>
        EmitStop(asm, unwind, (nint)(delegate* unmanaged<ExecutionState*, nint*, ulong*, nint>)&EmittedCalls.OutOfFuel);

    // Asks managed code whether the guest goes on here.
    private static int EmitStop(X64Assembler asm, Label unwind, nint managed)
    {
        int start = Begin(asm);
        OpenFrame(asm);
        asm.Mov(Q, Gpr.Rdi, Registers.Execution);
        asm.Mov(Q, Gpr.Rsi, Gpr.Rbp);
        // The frame whose code called, and its window.
        asm.Mov(Q, Gpr.Rdx, Registers.Frame);
        Invoke(asm, managed);
        GoOn(asm, unwind);
        return start;
    }

    private static int EmitHot(X64Assembler asm, Label unwind)
    {
        int start = Begin(asm);
        OpenFrame(asm);
        asm.Mov(Q, Gpr.Rdi, Registers.Execution);
        asm.Mov(Q, Gpr.Rsi, Gpr.R15);
        Invoke(asm, (nint)(delegate* unmanaged<ExecutionState*, nint, nint>)&EmittedCalls.Hot);
        GoOn(asm, unwind);
        return start;
    }

    // The answer in rax: 0 to return, 1 to unwind, else an address at which the frame that called goes on in another tier.
    private static void GoOn(X64Assembler asm, Label unwind)
    {
        Label elsewhere = asm.Code.NewLabel();
        asm.Cmp(Q, Gpr.Rax, 1);
        asm.Jcc(Condition.E, unwind);
        asm.Jcc(Condition.A, elsewhere);
        asm.Leave();
        asm.Ret();
        asm.Code.Bind(elsewhere);
        asm.Mov(Q, Gpr.R15, Mem.At(Registers.Execution, Offsets.ResumePosition));
        asm.Leave();
        asm.Add(Q, Gpr.Rsp, 8);
        asm.Jmp(Gpr.Rax);
    }

    // A frame of the threaded interpreter keeps its position there; in frames of other tiers the word is free.
    private static void SaveStreamPosition(X64Assembler asm) =>
        asm.Mov(Q, Mem.At(Gpr.Rbp, Threaded.HandlerEmitter.PcInFrame), Threaded.HandlerEmitter.Pc);

    private static int Begin(X64Assembler asm)
    {
        asm.Code.Align(16, NopFill.Breakpoint);
        return asm.Code.Position;
    }

    // The same frame as guest functions have.
    private static void OpenFrame(X64Assembler asm)
    {
        asm.Push(Gpr.Rbp);
        asm.Mov(Q, Gpr.Rbp, Gpr.Rsp);
        asm.Sub(Q, Gpr.Rsp, Registers.NativeFrameBytes);
        asm.Mov(Q, Mem.At(Gpr.Rbp, Registers.InstanceInFrame), Registers.Instance);
    }

    private static void Invoke(X64Assembler asm, nint managed)
    {
        asm.Mov(Gpr.Rax, managed);
        asm.Call(Gpr.Rax);
    }
}
