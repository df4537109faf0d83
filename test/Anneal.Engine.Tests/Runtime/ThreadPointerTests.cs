using Anneal.Bytecode;
using Xunit;

namespace Anneal.Tests.Runtime;

public sealed unsafe class ThreadPointerTests
{
    [Fact]
    public void The_thread_pointer_leads_to_the_executions_own_words()
    {
        // The second word, counted up; and the pointer itself.
        const string Count = "function slots=4 params=0 results=1 temps=1\nthread.pointer s1\ni64.load s2, s1, m0.trusted, +8\ni64.add.k s0, s2, 1\nthread.pointer s3\ni64.store s3, s0, m0.trusted, +8\nret";
        const string Pointer = "function slots=2 params=0 results=1 temps=1\nthread.pointer s1\nret.1 s1";
        ulong* words = stackalloc ulong[2];
        foreach (Tier tier in Enum.GetValues<Tier>())
        {
            using var engine = new Engine(new EngineOptions { Tier = tier });
            using var guest = new TestGuest(TestCodeUnit.Of(BytecodeText.Parse(Count), BytecodeText.Parse(Pointer)), engine);
            words[0] = 5;
            words[1] = 41;
            guest.Execution.State->ThreadPointer = (byte*)words;
            for (ulong i = 0; i < 10; i++)
            {
                ulong* window = guest.Execution.State->NestedWindow;
                engine.Invoke(guest.Execution, guest.Instance.OwnReferences, window);
                Assert.Equal(42 + i, window[0]);
                Assert.Equal((5ul, 42 + i), (words[0], words[1]));
                engine.Invoke(guest.Execution, guest.Instance.OwnReferences + 1, window);
                Assert.Equal((ulong)words, window[0]);
            }
        }
    }
}
