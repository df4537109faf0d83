// The process's handler for the signals that faults in guest code raise. It is machine code: managed code can't run in a
// signal handler. It compares the faulting pc with the code space; inside, it notes pc, address and signal in the
// execution (r12 of the context) and lets the thread continue at the fault stub; outside, it jumps to the handler that was
// there before, with its arguments untouched, so that the runtime's null checks and divisions work as ever.
//
// Each signal keeps exactly the flags of its previous action: of the four only SIGSEGV runs on the alternate stack, and
// moving the others there makes the runtime abort at the first managed division by zero.

using Anneal.Assembler;
using Anneal.Diagnostics;

namespace Anneal.Runtime;

/// <summary>Installs the handler; once a process, never undone.</summary>
internal static unsafe class SignalHandler
{
    // The C library's struct sigaction on x86-64: handler, 128 bytes of mask, flags, restorer.
    private const int ActionBytes = 152;

    // Offsets in the siginfo and the ucontext that the kernel passes.
    private const int FaultAddressInInfo = 16;
    private const int R12InContext = 72;
    private const int PcInContext = 168;

    private static ReadOnlySpan<int> Signals => [Libc.SignalSegv, Libc.SignalBus, Libc.SignalIllegal, Libc.SignalFloat];

    /// <summary>Emits and installs the handler.</summary>
    /// <returns>Whether faults of guest code are traps now; false if a signal had no handler to go on to.</returns>
    public static bool TryInstall(CodeSpace space, Stubs stubs)
    {
        byte* actions = stackalloc byte[ActionBytes * 4];
        for (int i = 0; i < Signals.Length; i++)
        {
            byte* action = actions + (i * ActionBytes);
            if (Libc.SignalAction(Signals[i], null, action) != 0) return false;
            // 0 and 1 are "default" and "ignore": nothing to jump to.
            if (*(nuint*)action <= 1) return false;
        }

        nint* handlers = stackalloc nint[4];
        Emit(space, stubs, actions, handlers);
        for (int i = 0; i < Signals.Length; i++)
        {
            byte* action = actions + (i * ActionBytes);
            *(nint*)action = handlers[i];
            if (Libc.SignalAction(Signals[i], action, null) != 0) return false;
        }

        return true;
    }

    private static void Emit(CodeSpace space, Stubs stubs, byte* actions, nint* handlers)
    {
        using var buffer = new CodeBuffer();
        var asm = new X64Assembler(buffer);
        Span<int> starts = stackalloc int[4];
        for (int i = 0; i < 4; i++)
        {
            buffer.Align(16, NopFill.Breakpoint);
            starts[i] = buffer.Position;
            EmitOne(asm, space, stubs, previous: *(nint*)(actions + (i * ActionBytes)));
        }

        CodeBlock block = space.Allocate(buffer.Position);
        buffer.CopyTo(block.Writable, block.Executable);
        PerfMap.Instance?.Add((nint)block.Executable, buffer.Position, "[stub] signal handler");
        for (int i = 0; i < 4; i++) handlers[i] = (nint)block.Executable + starts[i];
    }

    // rdi = signal, rsi = siginfo, rdx = ucontext.
    private static void EmitOne(X64Assembler asm, CodeSpace space, Stubs stubs, nint previous)
    {
        const Size Q = Size.Qword;
        Label foreign = asm.Code.NewLabel();
        asm.Mov(Q, Gpr.Rax, Mem.At(Gpr.Rdx, PcInContext));
        asm.Mov(Gpr.Rcx, space.Start);
        asm.Mov(Q, Gpr.R8, Gpr.Rax);
        asm.Sub(Q, Gpr.Rax, Gpr.Rcx);
        asm.Cmp(Q, Gpr.Rax, (int)Math.Min(space.Length, int.MaxValue));
        asm.Jcc(Condition.AE, foreign);
        asm.Mov(Q, Gpr.Rcx, Mem.At(Gpr.Rdx, R12InContext));
        asm.Mov(Q, Mem.At(Gpr.Rcx, Offsets.FaultPc), Gpr.R8);
        asm.Mov(Q, Gpr.Rax, Mem.At(Gpr.Rsi, FaultAddressInInfo));
        asm.Mov(Q, Mem.At(Gpr.Rcx, Offsets.FaultAddress), Gpr.Rax);
        asm.Mov(Q, Mem.At(Gpr.Rcx, Offsets.FaultSignal), Gpr.Rdi);
        asm.Mov(Gpr.Rax, stubs.Fault);
        asm.Mov(Q, Mem.At(Gpr.Rdx, PcInContext), Gpr.Rax);
        asm.Ret();
        asm.Code.Bind(foreign);
        asm.Mov(Gpr.Rax, previous);
        asm.Jmp(Gpr.Rax);
    }
}
