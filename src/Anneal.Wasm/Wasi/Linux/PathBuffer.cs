// Room for one path on the stack of a call: the guest's bytes are copied once, checked once, and never looked at again in guest
// memory, where another thread could change them between check and use.

using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Anneal.Wasm.Wasi.Linux;

/// <summary>A NUL-terminated path of at most PATH_MAX bytes. Lives on the stack only: pointers into it are taken.</summary>
internal unsafe struct PathBuffer
{
    private fixed byte bytes[LinuxFlags.MaximumPath + 4];

    /// <summary>The path's length without the NUL.</summary>
    public int Length;

    public byte* Pointer => (byte*)Unsafe.AsPointer(ref bytes[0]);

    /// <summary>Copies and checks a path that is to be resolved in a directory.</summary>
    public WasiErrno Read(in GuestMemory memory, uint address, uint length)
    {
        WasiErrno error = ReadText(memory, address, length);
        if (error != WasiErrno.Success) return error;
        return bytes[0] == (byte)'/' ? WasiErrno.NotPermitted : WasiErrno.Success;
    }

    /// <summary>Copies and checks a path of the host's that is to be resolved in a directory.</summary>
    public WasiErrno Set(ReadOnlySpan<byte> path)
    {
        if (path.Length == 0 || path.Contains((byte)0)) return WasiErrno.NoEntry;
        if (path.Length >= LinuxFlags.MaximumPath) return WasiErrno.NameTooLong;
        path.CopyTo(new Span<byte>(Pointer, path.Length));
        bytes[path.Length] = 0;
        Length = path.Length;
        return bytes[0] == (byte)'/' ? WasiErrno.NotPermitted : WasiErrno.Success;
    }

    /// <summary>Copies and checks the contents of a new symbolic link, which nothing resolves yet.</summary>
    public WasiErrno ReadText(in GuestMemory memory, uint address, uint length)
    {
        byte* source = memory.Pointer(address, length);
        if (length == 0) return WasiErrno.NoEntry;
        if (length >= LinuxFlags.MaximumPath) return WasiErrno.NameTooLong;
        Span<byte> copy = new(Pointer, (int)length);
        new ReadOnlySpan<byte>(source, (int)length).CopyTo(copy);
        bytes[(int)length] = 0;
        Length = (int)length;
        if (copy.Contains((byte)0)) return WasiErrno.Invalid;
        return Utf8.IsValid(copy) ? WasiErrno.Success : WasiErrno.IllegalSequence;
    }
}
