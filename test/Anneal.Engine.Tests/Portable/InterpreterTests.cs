using Anneal.Bytecode;
using Xunit;

namespace Anneal.Tests;

public sealed class InterpreterTests
{
    [Fact]
    public void Sums_the_numbers_below_n_in_a_loop()
    {
        var writer = new BytecodeWriter();
        BytecodeLabel top = writer.NewLabel(3), end = writer.NewLabel(3);
        writer.Bind(top);
        writer.LoopHeader(3);
        writer.BrI32GeU(1, 0, end);
        writer.I32Add(2, 2, 1);
        writer.I32AddK(1, 1, 1);
        writer.Br(top);
        writer.Bind(end);
        writer.Ret1(2);
        using var guest = new TestGuest(TestCodeUnit.Of(writer.Finish(3, 1, 1, 3)));
        Assert.Equal([4950ul], guest.Run(0, 1, 100));
    }
}
