namespace Anneal.Ebpf;

/// <summary>Kinds of map, with the numbers that object files use.</summary>
public enum MapType
{
    /// <summary>None.</summary>
    Unspecified = 0,

    /// <summary>Hash table.</summary>
    Hash = 1,

    /// <summary>Array with 32-bit indices as keys.</summary>
    Array = 2,

    /// <summary>Array of programs, for tail calls.</summary>
    ProgramArray = 3,

    /// <summary>Array of event outputs.</summary>
    PerfEventArray = 4,

    /// <summary>Hash table with a value for each processor.</summary>
    PerCpuHash = 5,

    /// <summary>Array with a value for each processor.</summary>
    PerCpuArray = 6,

    /// <summary>Stack traces.</summary>
    StackTrace = 7,

    /// <summary>Array of control groups.</summary>
    CgroupArray = 8,

    /// <summary>Hash table that forgets what was used least recently.</summary>
    LruHash = 9,

    /// <summary>The same with a value for each processor.</summary>
    LruPerCpuHash = 10,

    /// <summary>Longest-prefix-match trie.</summary>
    LpmTrie = 11,

    /// <summary>Array whose values are maps.</summary>
    ArrayOfMaps = 12,

    /// <summary>Hash table whose values are maps.</summary>
    HashOfMaps = 13,

    /// <summary>Network devices.</summary>
    DeviceMap = 14,

    /// <summary>Sockets.</summary>
    SocketMap = 15,

    /// <summary>Processors.</summary>
    CpuMap = 16,

    /// <summary>AF_XDP sockets.</summary>
    XskMap = 17,

    /// <summary>Sockets by key.</summary>
    SocketHash = 18,

    /// <summary>Storage of a control group.</summary>
    CgroupStorage = 19,

    /// <summary>Sockets for port reuse.</summary>
    ReuseportSocketArray = 20,

    /// <summary>Storage of a control group for each processor.</summary>
    PerCpuCgroupStorage = 21,

    /// <summary>Queue.</summary>
    Queue = 22,

    /// <summary>Stack.</summary>
    Stack = 23,

    /// <summary>Storage of a socket.</summary>
    SocketStorage = 24,

    /// <summary>Network devices by key.</summary>
    DeviceHash = 25,

    /// <summary>Kernel structure.</summary>
    StructOps = 26,

    /// <summary>Ring buffer.</summary>
    RingBuffer = 27,

    /// <summary>Storage of an inode.</summary>
    InodeStorage = 28,

    /// <summary>Storage of a task.</summary>
    TaskStorage = 29,

    /// <summary>Bloom filter.</summary>
    BloomFilter = 30,
}
