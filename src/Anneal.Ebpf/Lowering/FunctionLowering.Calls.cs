// Calls: of subprograms, of helpers (host functions that the program imports), and tail calls. What is done without a call is in
// the .Inlined part.

using Anneal.Bytecode;
using Anneal.Ebpf.Helpers;

namespace Anneal.Ebpf.Lowering;

internal sealed partial class FunctionLowering
{
    private void Call(int slot, Instruction i)
    {
        if (i.IsLocalCall)
        {
            LocalCall(program.SubprogramAt(program.CallTarget(slot)));
            return;
        }

        if (i.Opcode == Opcodes.CallRegister)
        {
            Arguments(Slots.Arguments);
            writer.Mov(argumentBase + Slots.Arguments, Slots.Of(i.Destination));
            CallImport(unit.Calls.ImportAt(slot), Slots.Arguments + 1);
            return;
        }

        int import = unit.Calls.ImportAt(slot);
        CallBinding binding = unit.Calls.Imports[import];
        if (binding.IsBuiltIn && Inlined(slot, binding)) return;
        if ((binding.Helper.Effects & HelperEffects.TailCall) != 0)
        {
            TailCall(import);
            return;
        }

        int count = binding.Helper.PassesAllRegisters ? Slots.Arguments : binding.Helper.Arguments.Length;
        Arguments(count);
        if (binding.Helper.Callback != CallbackKind.None)
        {
            // A callback's stack lies below the caller's.
            for (int k = count; k < Slots.Arguments; k++) writer.Const(argumentBase + k, 0);
            writer.Mov(argumentBase + Slots.Arguments, Slots.FramePointer);
            count = Slots.Arguments + 1;
        }

        CallImport(import, count);
    }

    private void LocalCall(int callee)
    {
        Arguments(Slots.Arguments);
        int count = Slots.Arguments;
        if (IsSandboxed)
        {
            writer.I64AddK(argumentBase + count, Slots.FramePointer, -SandboxFrameBytes);
            count++;
        }

        writer.Call(argumentBase, new CallOperand(unit.FunctionOf(callee), CallOperand.NoSite, count));
        writer.Mov(Slots.Result, argumentBase);
    }

    private void CallImport(int import, int arguments)
    {
        writer.CallImport(argumentBase, new CallOperand(import, CallOperand.NoSite, arguments));
        writer.Mov(Slots.Result, argumentBase);
    }

    private void Arguments(int count)
    {
        for (int k = 0; k < count; k++) writer.Mov(argumentBase + k, Slots.Of(k + 1));
    }

    // The helper finds the program; 0 if there's none, and then the call has failed and the program goes on.
    private void TailCall(int import)
    {
        BytecodeLabel failed = writer.NewLabel(argumentBase);
        Arguments(3);
        CallImport(import, 3);
        writer.Branch(Op.BrI64EqK, Slots.Result, 0, failed);
        JumpTo(Slots.Result, failed);
    }

    // Goes on in the program whose reference is in a slot; what comes to the label has failed to find one. The callee starts as a
    // program does: context, and in the sandbox this frame's stack and no leftovers. (A verified program doesn't read what it wasn't given.)
    private void JumpTo(int reference, BytecodeLabel failed)
    {
        int arguments = IsSandboxed ? ParameterSlots(IsSandboxed) : 1;
        writer.Mov(argumentBase, Slots.Of(1));
        for (int k = 1; k < arguments; k++) writer.Const(argumentBase + k, 0);
        if (IsSandboxed) writer.Mov(argumentBase + Slots.FramePointer, Slots.FramePointer);
        writer.TailRef(reference, argumentBase, new CallOperand(0, CallOperand.NoSite, arguments));
        writer.Bind(failed);
        writer.Const(Slots.Result, unchecked((ulong)TailCallFailed));
        isBlockStart = true;
    }

    private const long TailCallFailed = -2;

    // What stands for a subprogram as a callback: verified programs have the function's reference, sandboxed ones its number.
    private void FunctionAddress(int d, int target)
    {
        if (IsSandboxed) writer.Const(d, Callbacks.HandleOf(target));
        else writer.RefFunc(d, unit.FunctionOf(target));
    }
}
