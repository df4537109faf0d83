// Damaged instruction streams. Whatever is still well formed is verified and run sandboxed, with a limit; what the verifier accepts is
// run without checks too and must do the same. Damaging programs that nearly all were accepted comes closer to the verifier's edges than
// random instructions do.
//
// ANNEAL_FUZZ_SEED and ANNEAL_FUZZ_PROGRAMS choose other damage and more of it.

using System.Runtime.InteropServices;
using Anneal.Ebpf.Tests.Verification;
using Anneal.Ebpf.Verification;
using Xunit;
using Xunit.Abstractions;

namespace Anneal.Ebpf.Tests.Hostile;

public sealed class InstructionFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_programs_are_refused_or_do_the_same_in_both_modes()
    {
        int seed = FuzzSettings.Seed(300_000), rounds = FuzzSettings.Programs(2_500);
        using var sandboxed = new RunMachine(Tier.Portable, SafetyMode.Sandboxed);
        using var verified = new RunMachine(Tier.Baseline, SafetyMode.Verified);
        using var engine = new Engine(new EngineOptions { Tier = Tier.Baseline });
        using var hostile = new EbpfRuntime(engine, new EbpfOptions { Mode = SafetyMode.Sandboxed, InstructionLimit = 20_000, Processors = 1, Helpers = [.. Harmless()] });
        var verifier = new Verifier(VerifierOptions.Default with { InstructionBudget = RunMachine.InstructionBudget });
        int formed = 0, accepted = 0, ran = 0, faulted = 0, outOfFuel = 0;
        for (int n = seed; n < seed + rounds; n++)
        {
            var random = new Random(n);
            EbpfProgram good = new RandomProgram(random).Program();
            byte[] bytes = MemoryMarshal.AsBytes(good.Instructions).ToArray();
            int damage = random.Next(1, 4);
            for (int i = 0; i < damage; i++) Damage(random, bytes);
            EbpfProgram program;
            try
            {
                // Streams have no maps: those that refer to one are refused there.
                if (random.Next(8) == 0) _ = EbpfProgram.FromBytes("stream", good.Type, bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length));
                program = new EbpfProgram("damaged", good.Type, MemoryMarshal.Cast<byte, Instruction>(bytes), TestMaps.All);
            }
            catch (InvalidEbpfProgramException)
            {
                continue;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {n}", e);
            }

            formed++;
            Sandboxed(hostile, program, n, ref ran, ref faulted, ref outOfFuel);
            try
            {
                verifier.Verify(program, sandboxed.Helpers);
            }
            catch (VerifierException)
            {
                continue;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {n}: verifier", e);
            }

            RunInput[] inputs = [.. Enumerable.Range(0, 2).Select(_ => RunInput.Make(random, leastPacket: 1))];
            string[]? expected, actual;
            try
            {
                expected = sandboxed.Run(program, n, inputs);
                actual = verified.Run(program, n, inputs);
            }
            catch (InvalidEbpfProgramException)
            {
                // A helper that isn't there, in code that can't be reached.
                continue;
            }

            accepted++;
            Assert.True(expected is null == actual is null && (expected is null || expected.SequenceEqual(actual!)), $"seed {n}: {sandboxed.Name}:\n{string.Join('\n', expected ?? ["nothing"])}\n{verified.Name}:\n{string.Join('\n', actual ?? ["nothing"])}");
        }

        output.WriteLine($"seeds {seed} to {seed + rounds - 1}: {formed} well formed, {accepted} accepted and run in both modes; unverified: {ran} ran, {faulted} faulted, {outOfFuel} ran out of fuel");
        Assert.True(formed * 4 > rounds && accepted * 50 > rounds && faulted * 50 > rounds, "the test says little");
    }

    private static void Sandboxed(EbpfRuntime runtime, EbpfProgram program, int seed, ref int ran, ref int faulted, ref int outOfFuel)
    {
        LoadedProgram loaded;
        try
        {
            loaded = runtime.Load(program);
        }
        catch (InvalidEbpfProgramException)
        {
            return;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: sandboxed load", e);
        }

        byte[] packet = new byte[40];
        new Random(seed).NextBytes(packet);
        try
        {
            loaded.Run(packet);
            ran++;
        }
        catch (TrapException trap) when (trap.Kind == TrapKind.OutOfFuel)
        {
            outOfFuel++;
        }
        catch (Exception e) when (e is TrapException or EbpfFaultException)
        {
            faulted++;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: sandboxed run", e);
        }

        foreach (EbpfMap map in loaded.Maps) map.Dispose();
    }

    // What would print, or ask for the time.
    private static IEnumerable<HostHelper> Harmless() =>
        new[] { (5, "ktime_get_ns"), (7, "get_prandom_u32") }.Select(helper =>
            new HostHelper(new HelperPrototype { Id = helper.Item1, Name = helper.Item2, Arguments = [], Returns = ReturnType.Scalar }, _ => 0x0123_4567_89AB_CDEF));

    // One field of an instruction: opcode, registers, offset or immediate; or an instruction more, less, or elsewhere.
    private static void Damage(Random random, byte[] code)
    {
        int count = code.Length / 8, slot = random.Next(count) * 8;
        Span<byte> i = code.AsSpan(slot, 8);
        switch (random.Next(9))
        {
            case 0:
                i[0] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                i[1] = (byte)(random.Next(11) | (i[1] & 0xF0));
                break;
            case 2:
                i[1] = (byte)((random.Next(11) << 4) | (i[1] & 0x0F));
                break;
            case 3:
                BitConverter.TryWriteBytes(i[2..], (short)(BitConverter.ToInt16(i[2..]) + random.Next(-9, 10)));
                break;
            case 4:
                BitConverter.TryWriteBytes(i[4..], BitConverter.ToInt32(i[4..]) + random.Next(-9, 10));
                break;
            case 5:
                BitConverter.TryWriteBytes(i[4..], RandomNumbers.Immediate(random));
                break;
            case 6:
                int other = random.Next(count) * 8;
                byte[] kept = i.ToArray();
                code.AsSpan(other, 8).CopyTo(i);
                kept.CopyTo(code, other);
                break;
            case 7:
                code.AsSpan(random.Next(count) * 8, 8).CopyTo(i);
                break;
            default:
                i[random.Next(8)] = (byte)random.Next(256);
                break;
        }
    }
}
