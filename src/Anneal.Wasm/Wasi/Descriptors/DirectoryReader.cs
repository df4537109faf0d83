// Lists a directory for fd_readdir. A cookie is the kernel's own position after an entry (d_off): it stays good while entries
// come and go, costs no memory, and a guest that makes one up reaches nothing but a place in the same directory. The last block
// of entries is kept, so that a guest that reads on in small steps, or again from a cut-off entry, costs no more system calls.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anneal.Wasm.Wasi.Linux;

namespace Anneal.Wasm.Wasi.Descriptors;

/// <summary>Reads one directory's entries; the owner serializes calls.</summary>
internal sealed unsafe class DirectoryReader(SafeFileDescriptor directory)
{
    private const int BlockSize = 32 * 1024;

    // struct linux_dirent64
    private const int PositionOffset = 8;
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;

    private readonly byte[] block = new byte[BlockSize];
    private int filled;
    private ulong blockStart;
    private bool hasBlock;
    private ulong ownInode;

    /// <summary>Writes entries from a cookie on; the last may be cut off at the destination's end.</summary>
    public WasiErrno Read(Span<byte> destination, ulong cookie, out uint used)
    {
        used = 0;
        if (cookie > long.MaxValue) return WasiErrno.Invalid;
        int offset = cookie == 0 ? -1 : FindInBlock(cookie);
        if (offset < 0)
        {
            if (Libc.Seek(directory, (long)cookie, 0) < 0) return LinuxErrno.LastAsWasi;
            WasiErrno error = Fill(cookie);
            if (error != WasiErrno.Success) return error;
            offset = 0;
        }
        int written = 0;
        while (written < destination.Length)
        {
            if (offset >= filled)
            {
                // The descriptor's position is at the end of the block, wherever the guest's cookie pointed into it.
                WasiErrno error = Fill(LastPosition());
                if (error != WasiErrno.Success) return error;
                if (filled == 0) break;
                offset = 0;
            }
            written += WriteEntry(block.AsSpan(offset), destination[written..]);
            offset += EntryLength(offset);
        }
        used = (uint)written;
        return WasiErrno.Success;
    }

    private int EntryLength(int offset) => MemoryMarshal.Read<ushort>(block.AsSpan(offset + LengthOffset));

    private ulong EntryPosition(int offset) => MemoryMarshal.Read<ulong>(block.AsSpan(offset + PositionOffset));

    private ulong LastPosition()
    {
        ulong position = blockStart;
        for (int offset = 0; offset < filled; offset += EntryLength(offset)) position = EntryPosition(offset);
        return position;
    }

    // The offset of the first entry after a cookie (perhaps the block's end), or -1 when the block doesn't know the cookie.
    private int FindInBlock(ulong cookie)
    {
        if (!hasBlock || filled == 0) return -1;
        if (cookie == blockStart) return 0;
        for (int offset = 0; offset < filled;)
        {
            ulong position = EntryPosition(offset);
            offset += EntryLength(offset);
            if (position == cookie) return offset;
        }
        return -1;
    }

    private WasiErrno Fill(ulong position)
    {
        hasBlock = false;
        filled = 0;
        nint size;
        fixed (byte* buffer = block)
        {
            do
            {
                size = Libc.GetDirectoryEntries(LinuxFlags.SysGetDirectoryEntries, directory, buffer, BlockSize);
            }
            while (size < 0 && LinuxErrno.Last == LinuxErrno.EINTR);
        }
        if (size < 0) return LinuxErrno.LastAsWasi;
        filled = (int)size;
        blockStart = position;
        hasBlock = true;
        return WasiErrno.Success;
    }

    [SkipLocalsInit]
    private int WriteEntry(ReadOnlySpan<byte> entry, Span<byte> destination)
    {
        ReadOnlySpan<byte> name = entry[NameOffset..];
        name = name[..name.IndexOf((byte)0)];
        ulong inode = MemoryMarshal.Read<ulong>(entry);
        // What is above the directory is not the guest's to know.
        if (name.SequenceEqual(".."u8)) inode = OwnInode();
        Span<byte> header = stackalloc byte[(int)WasiLayout.DirectoryEntry];
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, MemoryMarshal.Read<ulong>(entry[PositionOffset..]));
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], inode);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], (uint)name.Length);
        header[20] = (byte)FileType(entry[TypeOffset], name);
        int headerSize = Math.Min(header.Length, destination.Length);
        header[..headerSize].CopyTo(destination);
        int nameSize = Math.Min(name.Length, destination.Length - headerSize);
        name[..nameSize].CopyTo(destination[headerSize..]);
        return headerSize + nameSize;
    }

    private WasiFileType FileType(byte type, ReadOnlySpan<byte> name)
    {
        switch (type)
        {
            case 1: return WasiFileType.Unknown; // DT_FIFO
            case 2: return WasiFileType.CharacterDevice;
            case 4: return WasiFileType.Directory;
            case 6: return WasiFileType.BlockDevice;
            case 8: return WasiFileType.RegularFile;
            case 10: return WasiFileType.SymbolicLink;
            case 12: return WasiFileType.SocketStream;
        }
        // DT_UNKNOWN: some file systems leave it to the caller to ask. The name is a single component and ends in a NUL.
        Statx attributes;
        fixed (byte* text = name)
        {
            int result = Libc.Stat(directory, text, LinuxFlags.AtSymlinkNoFollow, Statx.BasicStats, &attributes);
            return result < 0 ? WasiFileType.Unknown : attributes.FileType;
        }
    }

    private ulong OwnInode()
    {
        if (ownInode == 0)
        {
            Statx attributes;
            byte empty = 0;
            int result = Libc.Stat(directory, &empty, LinuxFlags.AtEmptyPath, Statx.BasicStats, &attributes);
            if (result == 0) ownInode = attributes.Inode;
        }
        return ownInode;
    }
}
