using Anneal.Runtime;
using Xunit;

namespace Anneal.Tests.Runtime;

public sealed unsafe class CodeSpaceTests
{
    // A freed block may be somebody else's a moment later: freeing must not touch it any more.
    [Fact]
    public void Freeing_leaves_new_owners_alone()
    {
        if (CodeSpace.Instance is not { } space) return;
        int wrong = 0;
        var threads = new Thread[4];
        for (int t = 0; t < threads.Length; t++)
        {
            byte mark = (byte)(t + 1);
            threads[t] = new Thread(() =>
            {
                for (int i = 0; i < 3000; i++)
                {
                    int size = 4096 * (1 + (i % 5));
                    CodeBlock block = space.Allocate(size);
                    new Span<byte>(block.Writable, size).Fill(mark);
                    Thread.SpinWait(i % 300);
                    if (new Span<byte>(block.Executable, size).ContainsAnyExcept(mark)) Interlocked.Increment(ref wrong);
                    space.Free(block);
                }
            });
            threads[t].Start();
        }

        foreach (Thread thread in threads) thread.Join();
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void Neighbours_are_joined_again()
    {
        if (CodeSpace.Instance is not { } space) return;
        var blocks = new List<CodeBlock>();
        for (int i = 0; i < 200; i++) blocks.Add(space.Allocate(1 + (i * 37 % 5000)));
        for (int i = 0; i < blocks.Count; i += 2) space.Free(blocks[i]);
        for (int i = 1; i < blocks.Count; i += 2) space.Free(blocks[i]);
        CodeBlock most = space.Allocate(900 << 20);
        space.Free(most);
        Assert.False(space.TryAllocate(int.MaxValue, out _));
        Assert.Throws<OutOfMemoryException>(() => space.Allocate(int.MaxValue));
    }

    // Code of one function may end where the next begins: a return address there belongs to the first.
    [Fact]
    public void An_address_behind_a_function_is_its_own()
    {
        var map = new CodeMap();
        var unit = new WeakReference<CodeUnit>(null!);
        var first = new CompiledFunction(unit, 0, 0x10000, 64, default, default);
        var second = new CompiledFunction(unit, 1, 0x10040, 64, default, default);
        map.Add(second);
        map.Add(first);
        Assert.Same(first, map.Find(0x10001));
        Assert.Same(first, map.Find(0x10040));
        Assert.Same(second, map.Find(0x10041));
        Assert.Same(second, map.Find(0x10080));
        Assert.Null(map.Find(0x10081));
        Assert.Null(map.Find(0xFFFF));
        map.Remove([first, null], []);
        Assert.Null(map.Find(0x10001));
        Assert.Same(second, map.Find(0x10041));
    }
}
