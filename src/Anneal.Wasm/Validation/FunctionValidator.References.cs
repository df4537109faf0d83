// Reference and table instructions (sections 3.4.2 and 3.4.7): those whose types depend on the module, and the checks of
// index spaces that they share with the memory instructions.

using Anneal.Wasm.Binary;

namespace Anneal.Wasm.Validation;

internal sealed unsafe partial class FunctionValidator
{
    // Validates a reference instruction; false if it is none.
    private bool Reference(WasmOpcode opcode, ref WasmReader reader)
    {
        switch (opcode)
        {
            case WasmOpcode.RefNull:
                Push(reader.ReadHeapType(nullable: true));
                return true;
            case WasmOpcode.RefIsNull:
                PopReference();
                Push(ValueType.I32);
                return true;
            case WasmOpcode.RefFunc:
            {
                uint index = reader.ReadUnsigned32();
                FunctionType type = Function(index);
                if (!module.DeclaredFunctionReferences[index]) throw Invalid($"undeclared function reference {index}");
                Push(ValueType.Concrete(type.CanonicalId, nullable: false));
                return true;
            }

            case WasmOpcode.RefAsNonNull:
                Push(PopReference().AsNonNullable);
                return true;
            case WasmOpcode.BrOnNull:
            {
                uint label = reader.ReadUnsigned32();
                ValueType reference = PopReference();
                Retype(LabelTypes(in Label(label)));
                Push(reference.AsNonNullable);
                return true;
            }

            case WasmOpcode.BrOnNonNull:
            {
                ReadOnlySpan<ValueType> types = LabelTypes(in Label(reader.ReadUnsigned32()));
                if (types.IsEmpty) throw Invalid("type mismatch: the label takes no reference");
                ValueType reference = PopReference().AsNonNullable;
                if (!Subtyping.Matches(reference, types[^1])) throw Mismatch(types[^1], reference);
                Retype(types[..^1]);
                return true;
            }

            default:
                return false;
        }
    }

    // Validates a table instruction whose types depend on the table; false if it is none.
    private bool Table(WasmOpcode opcode, ref WasmReader reader)
    {
        switch (opcode)
        {
            case WasmOpcode.TableGet:
            {
                TableType table = TableAt(reader.ReadUnsigned32());
                Pop(ValueType.I32);
                Push(table.Element);
                return true;
            }

            case WasmOpcode.TableSet:
            {
                TableType table = TableAt(reader.ReadUnsigned32());
                Pop(table.Element);
                Pop(ValueType.I32);
                return true;
            }

            case WasmOpcode.TableSize:
                TableAt(reader.ReadUnsigned32());
                Push(ValueType.I32);
                return true;
            case WasmOpcode.TableGrow:
            {
                TableType table = TableAt(reader.ReadUnsigned32());
                Pop(ValueType.I32);
                Pop(table.Element);
                Push(ValueType.I32);
                return true;
            }

            case WasmOpcode.TableFill:
            {
                TableType table = TableAt(reader.ReadUnsigned32());
                Pop(ValueType.I32);
                Pop(table.Element);
                Pop(ValueType.I32);
                return true;
            }

            case WasmOpcode.TableCopy:
            {
                ValueType destination = TableAt(reader.ReadUnsigned32()).Element;
                ValueType source = TableAt(reader.ReadUnsigned32()).Element;
                if (!Subtyping.Matches(source, destination)) throw Mismatch(destination, source);
                PopRange();
                return true;
            }

            case WasmOpcode.TableInit:
            {
                ValueType source = Element(reader.ReadUnsigned32()).Type;
                ValueType destination = TableAt(reader.ReadUnsigned32()).Element;
                if (!Subtyping.Matches(source, destination)) throw Mismatch(destination, source);
                PopRange();
                return true;
            }

            default:
                return false;
        }
    }

    // Destination, source, length.
    private void PopRange()
    {
        Pop(ValueType.I32);
        Pop(ValueType.I32);
        Pop(ValueType.I32);
    }

    private TableType TableAt(uint index)
    {
        if (index >= (uint)module.Tables.Length) throw Invalid($"unknown table {index}");
        return module.Tables[index].Type;
    }

    private ElementSegment Element(uint index)
    {
        if (index >= (uint)module.Elements.Length) throw Invalid($"unknown elem segment {index}");
        return module.Elements[index];
    }

    private void CheckMemory(uint index)
    {
        if (index >= (uint)module.Memories.Length) throw Invalid($"unknown memory {index}");
    }

    private void CheckData(ref WasmReader reader)
    {
        if (module.DataCount < 0) throw new MalformedModuleException("data count section required", position);
        uint index = reader.ReadUnsigned32();
        if (index >= (ulong)module.DataCount) throw Invalid($"unknown data segment {index}");
    }
}
