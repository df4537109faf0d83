// Calls of helpers, checked against the declared prototype: arguments, effects, result.

namespace Anneal.Ebpf.Verification;

internal sealed partial class Exploration
{
    // Numbers of helpers that mean something to the verifier beyond their prototypes.
    private const int LookUp = 1, Update = 2, Delete = 3, Push = 87, Pop = 88;

    // What the arguments of one call have said so far.
    private struct CallContext
    {
        public HelperPrototype Prototype;
        public int Map;
        public int AllocationSize;
        public int Callback;
        public uint Released;
        public long Key;

        // Memory that the helper fills, to be marked as written once all arguments are checked.
        public int FilledRegister;
        public int FilledSize;
    }

    private bool CallHelper(Instruction i)
    {
        if (i.Immediate == EbpfProgram.UnresolvedCall && program.Unresolved.TryGetValue(slot, out string? missing)) throw Refuse(missing);
        if (!helpers.TryFind(i.Immediate, program.Type, out HelperPrototype? prototype))
            throw Refuse($"there's no helper {i.Immediate} for programs of type {program.Type.Name}");
        if (prototype.Callback != CallbackKind.None && CallsBackCovered()) return false;

        var call = new CallContext { Prototype = prototype, Map = -1, Callback = -1, Key = -1 };
        for (int a = 0; a < prototype.Arguments.Length; a++) CheckArgument(a + 1, prototype.Arguments[a], ref call);
        if (call.Map >= 0) facts.Map(slot, call.Map);
        CheckMapUse(call);
        CheckProbes(call);
        if (call.FilledSize > 0)
        {
            ref RegisterState memory = ref Top.Registers[call.FilledRegister];
            if (memory.Kind == RegisterKind.Stack) FillStack(memory, call.FilledSize);
        }

        if (call.Callback >= 0) EnterCallbackLater(call);
        if (call.Released != 0) Release(call.Released);
        if ((prototype.Effects & HelperEffects.TailCall) != 0) CheckTailCall();
        if ((prototype.Effects & HelperEffects.ChangesPacket) != 0) InvalidatePackets();
        RegisterState result = ResultOf(call);
        ForgetArguments();
        Registers[0] = result;
        slot++;
        return true;
    }

    private void CheckArgument(int register, ArgumentType type, ref CallContext call)
    {
        string helper = call.Prototype.Name;
        if (type == ArgumentType.None) return;
        ref RegisterState state = ref Top.Registers[register];
        if (state.Kind == RegisterKind.Uninitialized) throw Refuse($"r{register}, argument {register} of {helper}, isn't initialized");
        switch (type)
        {
            case ArgumentType.Anything:
                if (state.IsPointer && !options.AllowPointerLeaks)
                    throw Refuse($"r{register}, argument {register} of {helper}, is a pointer ({Describe(state)}) where a number is expected");
                break;
            case ArgumentType.ConstMapPointer:
                if (state.Kind != RegisterKind.Map || state.MaybeNull) throw Expected(register, state, helper, "a map");
                call.Map = state.Object;
                break;
            case ArgumentType.MapKey:
                int keySize = MapOf(call, register).KeySize;
                CheckHelperMemory(register, state, keySize, Access.Read, mustBeWritten: true);
                call.Key = RecordKey(state, keySize);
                break;
            case ArgumentType.MapValue:
                CheckHelperMemory(register, state, MapOf(call, register).ValueSize, Access.Read, mustBeWritten: true);
                break;
            case ArgumentType.UninitializedMapValue:
                // A Bloom filter is asked for the value that's there.
                if (MapOf(call, register).Type == MapType.BloomFilter) CheckHelperMemory(register, state, MapOf(call, register).ValueSize, Access.Read, mustBeWritten: true);
                else Fill(register, state, MapOf(call, register).ValueSize, ref call);
                break;
            case ArgumentType.ReadableMemory or ArgumentType.WritableMemory or ArgumentType.UninitializedMemory:
                if (!state.IsPointer) throw Expected(register, state, helper, "memory");
                break;
            case ArgumentType.ReadableMemoryOrNull or ArgumentType.UninitializedMemoryOrNull:
                if (!state.IsPointer && !state.IsNull) throw Expected(register, state, helper, "memory or null");
                break;
            case ArgumentType.MemorySize or ArgumentType.MemorySizeOrZero:
                CheckSize(register, state, type, ref call);
                break;
            case ArgumentType.Context:
                if (state is not { Kind: RegisterKind.Context, IsUnmodified: true }) throw Expected(register, state, helper, "the context, unmodified");
                break;
            case ArgumentType.ContextOrNull:
                if (!state.IsNull && state is not { Kind: RegisterKind.Context, IsUnmodified: true }) throw Expected(register, state, helper, "the context, unmodified, or null");
                break;
            case ArgumentType.StackPointerOrNull:
                if (!state.IsNull && state.Kind != RegisterKind.Stack) throw Expected(register, state, helper, "a stack pointer or null");
                break;
            case ArgumentType.UninitializedInt32:
                Fill(register, state, 4, ref call);
                break;
            case ArgumentType.UninitializedInt64:
                Fill(register, state, 8, ref call);
                break;
            case ArgumentType.Callback:
                if (state.Kind != RegisterKind.Subprogram) throw Expected(register, state, helper, "a function");
                call.Callback = state.Object;
                break;
            case ArgumentType.AcquiredMemory:
                if (state is not { Kind: RegisterKind.Memory, MaybeNull: false, Reference: not 0, IsUnmodified: true }) throw Expected(register, state, helper, "acquired memory, unmodified");
                if (!path.Holds(state.Reference)) throw Expected(register, state, helper, "acquired memory that wasn't given back yet");
                call.Released = state.Reference;
                break;
            case ArgumentType.ConstAllocationSize:
                if (state.Kind != RegisterKind.Scalar || !state.Number.IsConstant || state.Number.ConstantValue is 0 or > (ulong)MaxOffset)
                    throw Expected(register, state, helper, "a constant size");
                call.AllocationSize = (int)state.Number.ConstantValue;
                break;
            case ArgumentType.ConstString:
                CheckString(register, state, helper);
                break;
            case ArgumentType.ProbedMemory or ArgumentType.ProbedText:
                // CheckProbes looks at it.
                break;
            default:
                throw Refuse($"argument {register} of {helper} has a type that the verifier doesn't know");
        }
    }

    private Exception Expected(int register, in RegisterState state, string helper, string what) =>
        Refuse($"r{register}, argument {register} of {helper}, is {Describe(state)} where {what} is expected");

    private MapDefinition MapOf(in CallContext call, int register) =>
        call.Map >= 0 ? maps[call.Map] : throw Refuse($"argument {register} of {call.Prototype.Name} needs a map argument before it");

    private void CheckMapUse(in CallContext call)
    {
        if (call.Map < 0) return;
        MapDefinition map = maps[call.Map];
        if (!call.Prototype.MapTypes.IsEmpty && !call.Prototype.MapTypes.Contains(map.Type))
            throw Refuse($"{call.Prototype.Name} can't be used with map {map.Name}, whose type is {map.Type}");
        bool changes = call.Prototype.Id is Update or Delete or Push or Pop;
        if (changes && map.IsReadOnlyToPrograms) throw Refuse($"{call.Prototype.Name} with map {map.Name}, which programs may only read");
        bool gives = call.Prototype.Returns == ReturnType.MapValueOrNull;
        if (gives && !map.HasValues && !map.HoldsMaps) throw Refuse($"{call.Prototype.Name} with map {map.Name}, whose type {map.Type} gives no values");
    }

    // The memory argument before this size: all sizes that are possible must be fine.
    private void CheckSize(int register, in RegisterState state, ArgumentType type, ref CallContext call)
    {
        string helper = call.Prototype.Name;
        if (state.Kind != RegisterKind.Scalar) throw Expected(register, state, helper, "a size");
        int memoryRegister = register - 1;
        ref RegisterState memory = ref Top.Registers[memoryRegister];
        ArgumentType memoryType = call.Prototype.Argument(memoryRegister - 1);
        ref readonly Interval size = ref state.Number.Full;
        if (size.UMax > (ulong)MaxOffset) throw Refuse($"r{register}, the size for {helper}, isn't bounded ({Describe(state)})");
        if (size.UMin == 0 && type == ArgumentType.MemorySize) throw Refuse($"r{register}, the size for {helper}, may be zero ({Describe(state)})");
        if (memory.IsNull)
        {
            if (size.UMax != 0) throw Refuse($"r{memoryRegister} is null, but r{register}, its size for {helper}, may not be zero ({Describe(state)})");
            return;
        }

        bool uninitialized = memoryType is ArgumentType.UninitializedMemory or ArgumentType.UninitializedMemoryOrNull;
        bool writes = uninitialized || memoryType == ArgumentType.WritableMemory;
        int bytes = (int)size.UMax;

        // With a size that isn't known, part of the memory stays as it is.
        bool fills = uninitialized && size.IsConstant;
        if (bytes == 0)
        {
            // Nothing is touched, but it must still be memory.
            if (memory.MaybeNull) throw Refuse($"r{memoryRegister} may be null ({Describe(memory)}): compare it with 0 first");
            return;
        }

        if (call.Prototype.ValuesArgument == memoryRegister - 1 && CheckValues(memoryRegister, memory, state, call)) return;
        CheckHelperMemory(memoryRegister, memory, bytes, writes ? Access.Write : Access.Read, mustBeWritten: !fills);
        if (memoryType == ArgumentType.WritableMemory) CheckHelperMemory(memoryRegister, memory, bytes, Access.Read, mustBeWritten: true);
        if (writes) NoteFill(memoryRegister, bytes, ref call);
    }

    private void Fill(int register, in RegisterState state, int size, ref CallContext call)
    {
        CheckHelperMemory(register, state, size, Access.Write, mustBeWritten: false);
        NoteFill(register, size, ref call);
    }

    private void NoteFill(int register, int size, ref CallContext call)
    {
        if (Top.Registers[register].Kind != RegisterKind.Stack) return;
        if (call.FilledSize != 0) throw Refuse($"{call.Prototype.Name} fills two stack arguments, which the verifier doesn't follow");
        call.FilledRegister = register;
        call.FilledSize = size;
    }

    private void CheckHelperMemory(int register, in RegisterState memory, int size, Access access, bool mustBeWritten)
    {
        if (memory.Kind != RegisterKind.Stack)
        {
            CheckRange(register, memory, 0, size, access);
            return;
        }

        CheckStackRange(register, memory, 0, size, out int first, out int last);
        FrameState frame = path.Frames[memory.Object]!;
        facts.Stack(frame.Subprogram, first);
        if (mustBeWritten || first != last) RequireWritten(frame, first, last + size, "helper's use");
    }

    // What a helper wrote is data; where exactly is known only if the pointer is.
    private void FillStack(in RegisterState memory, int size)
    {
        long first = memory.Offset + memory.Number.Full.SMin, end = memory.Offset + memory.Number.Full.SMax + size;
        FrameState frame = path.Frames[memory.Object]!;
        frame.Touch(SlotOf((int)first) + 1);
        for (long offset = first; offset < end;)
        {
            int step = (offset & 7) == 0 && end - offset >= 8 ? 8 : 1;
            WriteSlot(frame, (int)offset, step, RegisterState.Unknown);
            offset += step;
        }
    }

    // A key that is known lets the lowering look up array elements without a bounds check.
    private long RecordKey(in RegisterState state, int size)
    {
        long key = -1;
        if (size == 4 && state.Kind == RegisterKind.Stack && state.Number.IsConstant && (state.Offset & 3) == 0 && !state.MaybeNull)
        {
            RegisterState value = ReadSlot(path.Frames[state.Object]!, state.Offset + (int)state.Number.ConstantValue, 4, signed: false);
            if (value.Kind == RegisterKind.Scalar && value.Number.IsConstant) key = (long)value.Number.ConstantValue;
        }

        facts.Key(slot, key);
        return key;
    }

    private void CheckString(int register, in RegisterState state, string helper)
    {
        if (state is not { Kind: RegisterKind.MapValue, MaybeNull: false, Number.IsConstant: true } || !maps[state.Object].IsFrozen
            || (maps[state.Object].Flags & MapFlags.ProgramReadOnly) == 0)
            throw Expected(register, state, helper, "a constant string in memory that can't change");
        CheckRange(register, state, 0, 1, Access.Read);
        MapDefinition map = maps[state.Object];
        int start = state.Offset + (int)state.Number.ConstantValue;
        ReadOnlySpan<byte> text = start < map.InitialValue.Length ? map.InitialValue.Span[start..] : [];
        bool ends = text.Contains((byte)0) || map.InitialValue.Length < map.ValueSize;
        if (!ends) throw Refuse($"the string in r{register}, argument {register} of {helper}, has no end");
    }

    private void Release(uint reference)
    {
        path.Drop(reference);
        foreach (ref RegisterState copy in new StateRegisters(path))
        {
            if (copy.Reference == reference) copy = default;
        }

        DropUninitializedSpills();
    }

    // The program that is jumped to has a stack of its own and returns to this one's caller.
    private void CheckTailCall()
    {
        if (path.ReferenceCount > 0) throw Refuse($"tail call while the memory acquired at instruction {path.ReferenceSlots[0]} is held");
        FrameState frame = Top;
        if (path.FrameCount == 1) return;
        for (int f = 1; f < path.FrameCount; f++)
        {
            if (path.Frames[f]!.IsCallback) throw Refuse("tail call in a callback");
        }

        // The other program's result comes back to our caller, who must expect any.
        PathState returned = Fork(frame.CallSlot + 1);
        (PathState ours, path) = (path, returned);
        PopFrame();
        InvalidatePackets();
        ForgetArguments();
        Registers[0] = RegisterState.Unknown;
        path = ours;
    }

    private RegisterState ResultOf(in CallContext call)
    {
        HelperPrototype prototype = call.Prototype;
        switch (prototype.Returns)
        {
            case ReturnType.Void:
                return default;
            case ReturnType.MapValueOrNull:
                MapDefinition map = MapOf(call, 0);
                int inner = map.HoldsMaps ? InnerOf(call.Map) : -1;
                if (map.HoldsMaps && inner < 0) throw Refuse($"{prototype.Name} with map {map.Name}, of whose maps nothing is known");
                RegisterState value = RegisterState.Pointer(map.HoldsMaps ? RegisterKind.Map : RegisterKind.MapValue, map.HoldsMaps ? inner : call.Map);

                // An array has all its elements, always.
                bool present = prototype.Id == LookUp && map.Type is (MapType.Array or MapType.PerCpuArray) && call.Key >= 0 && call.Key < map.MaxEntries && call.Map < program.Maps.Length;
                value.MaybeNull = !present;
                value.Id = present ? 0 : NewId();
                return value;
            case ReturnType.AllocatedMemoryOrNull:
                RegisterState memory = RegisterState.Pointer(RegisterKind.Memory);
                memory.Extent = call.AllocationSize;
                memory.MaybeNull = true;
                memory.Id = NewId();
                if ((prototype.Effects & HelperEffects.Acquires) != 0) memory.Reference = Acquire(memory.Id);
                return memory;
            default:
                return prototype.MinResult == long.MinValue && prototype.MaxResult == long.MaxValue
                    ? RegisterState.Unknown
                    : RegisterState.Of(Scalar.SignedRange(prototype.MinResult, prototype.MaxResult));
        }
    }

    private int InnerOf(int map) => map < innerMaps.Length ? innerMaps[map] : -1;

    private uint Acquire(uint reference)
    {
        if (path.ReferenceCount == PathState.MaxReferences) throw Refuse($"more than {PathState.MaxReferences} acquired references at once");
        path.Add(reference, slot);
        return reference;
    }

    /// <summary>Adds the path on which the helper calls the callback (once more); this path goes on after the helper.</summary>
    private void EnterCallbackLater(in CallContext call)
    {
        bool noRounds = call.Prototype.Callback == CallbackKind.Loop && Registers[1] is { Kind: RegisterKind.Scalar, Number.Low.UMax: 0 };
        if (noRounds) return;
        Subprogram subprogram = program.Subprograms[call.Callback];
        PathState entered = Fork(subprogram.Start);
        (PathState ours, path) = (path, entered);
        FrameState caller = Top;
        FrameState frame = PushFrame(call.Callback);
        frame.IsCallback = true;
        int contextArgument = 0;
        for (int a = 0; a < call.Prototype.Arguments.Length; a++)
        {
            if (call.Prototype.Arguments[a] == ArgumentType.StackPointerOrNull) contextArgument = a + 1;
        }

        RegisterState context = contextArgument > 0 ? caller.Registers[contextArgument] : RegisterState.Constant(0);
        if (call.Prototype.Callback == CallbackKind.Loop)
        {
            // Indices are below the number of rounds.
            ulong rounds = caller.Registers[1].Kind == RegisterKind.Scalar ? caller.Registers[1].Number.Low.UMax : uint.MaxValue;
            frame.Registers[1] = RegisterState.Of(Scalar.Range(0, Math.Max(rounds, 1) - 1));
            frame.Registers[2] = context;
        }
        else
        {
            MapDefinition map = MapOf(call, 0);
            RegisterState key = RegisterState.Pointer(RegisterKind.Memory);
            key.Extent = map.KeySize;
            key.IsReadOnly = true;
            frame.Registers[1] = RegisterState.Pointer(RegisterKind.Map, call.Map);
            frame.Registers[2] = key;
            frame.Registers[3] = RegisterState.Pointer(RegisterKind.MapValue, call.Map);
            frame.Registers[4] = context;
        }

        path = ours;
    }
}
