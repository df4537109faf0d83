// Derives declarations from the opcode table at build time: the metadata tables, the typed encoder, and the dispatches
// that bind each op to its meaning in Semantics and to its template. It writes no logic of its own: a row whose meaning
// or template is missing becomes a call of a method that isn't there, which is a build error naming the op.

using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Anneal.OpGenerator;

[Generator(LanguageNames.CSharp)]
public sealed class OpTableGenerator : IIncrementalGenerator
{
    private const int MaxOperands = 6;

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<ImmutableArray<OpRow>> rows = context.SyntaxProvider
            .ForAttributeWithMetadataName("Anneal.Bytecode.DefAttribute", static (_, _) => true, static (c, _) => Row(c))
            .Collect();
        context.RegisterSourceOutput(rows, static (output, all) =>
        {
            if (all.IsEmpty) return;
            ImmutableArray<OpRow> ordered = all.Sort(static (x, y) => x.Value.CompareTo(y.Value));
            output.AddSource("OpTable.g.cs", Metadata(ordered));
            output.AddSource("BytecodeWriter.g.cs", Writer(ordered));
            output.AddSource("ValueOps.g.cs", ValueOps(ordered));
            output.AddSource("TemplateDispatch.g.cs", Templates(ordered));
        });
    }

    private static OpRow Row(GeneratorAttributeSyntaxContext context)
    {
        var field = (IFieldSymbol)context.TargetSymbol;
        AttributeData def = context.Attributes[0];
        int? variant = null;
        int width = 0;
        foreach (KeyValuePair<string, TypedConstant> named in def.NamedArguments)
        {
            if (named.Key == "VariantOf") variant = Convert.ToInt32(named.Value.Value);
            if (named.Key == "Width") width = Convert.ToInt32(named.Value.Value);
        }

        return new OpRow(
            field.Name,
            Convert.ToInt32(field.ConstantValue),
            (string)def.ConstructorArguments[0].Value!,
            (string)def.ConstructorArguments[1].Value!,
            Convert.ToInt32(def.ConstructorArguments[2].Value),
            variant,
            width);
    }

    private static StringBuilder Start(string usings = "") => new StringBuilder()
        .AppendLine("// Derived from the opcode table.")
        .AppendLine("#nullable enable")
        .AppendLine("#pragma warning disable")
        .Append(usings)
        .AppendLine("namespace Anneal.Bytecode;");

    private static string Metadata(ImmutableArray<OpRow> rows)
    {
        StringBuilder s = Start();
        s.AppendLine("internal static partial class OpTable {");
        s.AppendLine($"  public const int Count = {rows.Length};");
        s.AppendLine("  private static System.ReadOnlySpan<ushort> EffectBits => [" + string.Join(",", rows.Select(r => r.Effects)) + "];");
        s.AppendLine("  private static System.ReadOnlySpan<byte> WordCounts => [" + string.Join(",", rows.Select(r => 1 + r.Parsed().Count(o => !o.IsField))) + "];");
        s.AppendLine("  private static System.ReadOnlySpan<byte> Widths => [" + string.Join(",", rows.Select(r => r.Width)) + "];");
        s.AppendLine("  private static System.ReadOnlySpan<ushort> Variants => [" + string.Join(",", rows.Select(r => r.VariantOf ?? r.Value)) + "];");
        s.Append("  private static System.ReadOnlySpan<byte> OperandBits => [");
        foreach (OpRow row in rows)
        {
            Operand[] operands = row.Parsed();
            if (operands.Length > MaxOperands || operands.Count(o => o.IsField) > 3)
                throw new InvalidOperationException($"{row.Mnemonic}: too many operands");
            for (int i = 0; i < MaxOperands; i++)
                s.Append(i < operands.Length ? operands[i].KindNumber | (operands[i].TypeNumber << 4) : 0).Append(',');
        }

        s.AppendLine("];");
        s.AppendLine("  public static string Mnemonic(Op op) => op switch {");
        foreach (OpRow row in rows) s.AppendLine($"    Op.{row.Name} => \"{row.Mnemonic}\",");
        s.AppendLine("    _ => $\"op.{(int)op}\" };");
        s.AppendLine("}");
        return s.ToString();
    }

    private static string Writer(ImmutableArray<OpRow> rows)
    {
        StringBuilder s = Start();
        s.AppendLine("internal sealed unsafe partial class BytecodeWriter {");
        foreach (OpRow row in rows)
        {
            var parameters = new List<string>();
            var fields = new List<string>();
            var words = new List<string>();
            int n = 0;
            foreach (Operand operand in row.Parsed())
            {
                n++;
                string name = operand.Role == "n" ? "n" + n : operand.Role;
                switch (operand.Role)
                {
                    case "d" or "a" or "b" or "c":
                        parameters.Add($"int {name}");
                        fields.Add($"Slot({name})");
                        break;
                    case "k":
                        parameters.Add($"int {name}");
                        fields.Add($"Immediate({name})");
                        break;
                    case "n":
                        parameters.Add($"int {name}");
                        fields.Add($"Number({name})");
                        break;
                    case "mem":
                        parameters.Add("MemoryOperand mem");
                        fields.Add("mem.Bits");
                        break;
                    case "offset" or "imm":
                        parameters.Add($"ulong {name}");
                        words.Add($"Word({name});");
                        break;
                    case "index":
                        parameters.Add("int index");
                        words.Add("Word((uint)index);");
                        break;
                    case "cond" or "x" or "y":
                        parameters.Add($"int {name}");
                        words.Add($"Word(Slot({name}));");
                        break;
                    case "pair" or "far":
                        parameters.Add("int first");
                        parameters.Add("int second");
                        words.Add("Word((uint)first | ((ulong)(uint)second << 32));");
                        break;
                    case "target":
                        parameters.Add("BytecodeLabel target");
                        words.Add("Target(target);");
                        break;
                    case "func":
                        parameters.Add("CallOperand func");
                        words.Add("Word(func.Bits);");
                        break;
                }
            }

            while (fields.Count < 3) fields.Add("(ushort)0");
            s.AppendLine($"  /// <summary><c>{row.Mnemonic} {row.Operands}</c></summary>");
            s.AppendLine($"  public int {row.Name}({string.Join(", ", parameters)}) {{");
            s.AppendLine($"    int pc = Begin(Op.{row.Name}, {string.Join(", ", fields)});");
            foreach (string word in words) s.AppendLine("    " + word);
            s.AppendLine("    return pc;");
            s.AppendLine("  }");
        }

        s.AppendLine("}");
        return s.ToString();
    }

    private static string FromSlot(string type, string expression) => type switch
    {
        "i32" => $"(int){expression}",
        "i64" => $"(long){expression}",
        "f32" => $"System.BitConverter.UInt32BitsToSingle((uint){expression})",
        "f64" => $"System.BitConverter.UInt64BitsToDouble({expression})",
        _ => expression,
    };

    private static string ToSlot(string type, string expression) => type switch
    {
        "i32" => $"(uint){expression}",
        "i64" => $"(ulong){expression}",
        "f32" => $"System.BitConverter.SingleToUInt32Bits({expression})",
        "f64" => $"System.BitConverter.DoubleToUInt64Bits({expression})",
        _ => expression,
    };

    private static string Field(int number) => $"(ushort)(word >> {16 * (number + 1)})";

    // The sources of a value op or compare as typed expressions over `slots` and `word`.
    private static string Sources(OpRow row, string variantType)
    {
        var arguments = new List<string>();
        int field = 0;
        foreach (Operand operand in row.Parsed())
        {
            if (operand.IsSource) arguments.Add(FromSlot(operand.Type, $"slots[{Field(field)}]"));
            if (operand.Role == "k") arguments.Add(variantType == "i32" ? $"(int)(short){Field(field)}" : $"(long)(short){Field(field)}");
            if (operand.IsField) field++;
        }

        return string.Join(", ", arguments);
    }

    private static string ValueOps(ImmutableArray<OpRow> rows)
    {
        StringBuilder s = Start();
        s.AppendLine("internal static unsafe partial class ValueOps {");
        s.AppendLine("  /// <summary>Executes one op that computes a value from values; false if the op is of another kind.</summary>");
        s.AppendLine("  public static bool Execute(ulong* slots, ulong* pc) {");
        s.AppendLine("    ulong word = *pc;");
        s.AppendLine("    switch ((Op)(ushort)word) {");
        foreach (OpRow row in rows.Where(r => r.IsValueOp))
        {
            Operand[] operands = row.Parsed();
            string meaning = rows[row.VariantOf ?? row.Value].Name;
            string call = $"Semantics.{meaning}({Sources(row, operands[1].Type)})";
            s.AppendLine($"      case Op.{row.Name}: slots[{Field(0)}] = {ToSlot(operands[0].Type, call)}; return true;");
        }

        s.AppendLine("      default: return false; } }");
        s.AppendLine("  /// <summary>Decides a compare-and-branch op; false in <paramref name=\"known\"/> if the op is of another kind.</summary>");
        s.AppendLine("  public static bool Taken(ulong* slots, ulong* pc, out bool known) {");
        s.AppendLine("    ulong word = *pc; known = true;");
        s.AppendLine("    switch ((Op)(ushort)word) {");
        foreach (OpRow row in rows.Where(r => r.IsCompareBranch))
        {
            Operand[] operands = row.Parsed();
            string meaning = row.VariantOf is { } v ? rows[v].Name : row.Name;
            s.AppendLine($"      case Op.{row.Name}: return Semantics.{meaning}({Sources(row, operands[0].Type)}) != 0;");
        }

        s.AppendLine("      default: known = false; return false; } }");
        s.AppendLine("  /// <summary>Executes one load or store at an address that has been checked; false if the op is of another kind.</summary>");
        s.AppendLine("  public static bool Access(ulong* slots, ulong* pc, byte* address) {");
        s.AppendLine("    ulong word = *pc;");
        s.AppendLine("    switch ((Op)(ushort)word) {");
        foreach (OpRow row in rows.Where(r => r.IsAccess))
        {
            Operand[] operands = row.Parsed();
            s.AppendLine(operands[0].Role == "d"
                ? $"      case Op.{row.Name}: slots[{Field(0)}] = {ToSlot(operands[0].Type, $"Semantics.{row.Name}(address)")}; return true;"
                : $"      case Op.{row.Name}: Semantics.{row.Name}(address, {FromSlot(operands[1].Type, $"slots[{Field(1)}]")}); return true;");
        }

        s.AppendLine("      default: return false; } }");
        s.AppendLine("}");
        return s.ToString();
    }

    private static string Templates(ImmutableArray<OpRow> rows)
    {
        StringBuilder s = Start("using Anneal.Templates;\n");
        s.AppendLine("internal static unsafe class TemplateDispatch {");
        s.AppendLine("  /// <summary>Emits the template of the instruction at <paramref name=\"pc\"/>.</summary>");
        s.AppendLine("  public static void Emit<TOperands>(Templates<TOperands> templates, ulong* pc) where TOperands : struct, IOperands {");
        s.AppendLine("    ulong word = *pc;");
        s.AppendLine("    switch ((Op)(ushort)word) {");
        foreach (OpRow row in rows)
        {
            var arguments = new List<string>();
            int field = 0, extra = 0;
            foreach (Operand operand in row.Parsed())
            {
                string bits = operand.IsField ? Field(field++) : $"pc[{++extra}]";
                arguments.Add(operand.Role switch
                {
                    "d" => bits,
                    "a" or "b" or "c" => $"Source.Slot({bits})",
                    "cond" or "x" or "y" => $"Source.Slot((int){bits})",
                    "k" => $"Source.Constant((short){bits})",
                    "n" => bits,
                    "mem" => $"new MemoryOperand({bits})",
                    "offset" or "imm" => bits,
                    "index" => $"(int){bits}",
                    "pair" or "far" => $"(int){bits}, (int)({bits} >> 32)",
                    "target" => $"new BranchTarget({bits})",
                    "func" => $"new CallOperand({bits})",
                    _ => throw new InvalidOperationException(operand.Role),
                });
            }

            string meaning = row.VariantOf is { } v ? rows[v].Name : row.Name;
            bool isPlainVariant = row.VariantOf is null || row.IsCompareBranch || row.Parsed().Any(o => o.Role == "k");
            string method = !isPlainVariant ? row.Name : row is { IsCompareBranch: true, VariantOf: not null } ? "Br" + meaning : meaning;
            if (row.Mnemonic == "br_table") arguments.Add("pc + 1");
            s.AppendLine($"      case Op.{row.Name}: templates.{method}({string.Join(", ", arguments)}); break;");
        }

        s.AppendLine("      default: throw new System.InvalidOperationException($\"no such op: {(ushort)word}\"); } }");
        s.AppendLine("}");
        return s.ToString();
    }
}
