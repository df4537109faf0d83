namespace Anneal.Ebpf.Verification;

/// <summary>A stack of indices. (The framework's has no precompiled code for numbers, and a program's load is short.)</summary>
internal sealed class IndexStack
{
    private int[] items = new int[16];
    private int count;

    public void Push(int index)
    {
        if (count == items.Length) Array.Resize(ref items, count * 2);
        items[count++] = index;
    }

    public bool TryPop(out int index)
    {
        bool any = TryPeek(out index);
        if (any) count--;
        return any;
    }

    public bool TryPeek(out int index)
    {
        index = count == 0 ? -1 : items[count - 1];
        return count != 0;
    }
}
