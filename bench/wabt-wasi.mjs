// Runs a benchmark program of guests/bench in wabt's interpreter, which as Debian builds it has no WASI: the program's five
// imports are replaced by functions of its own, written in the text format, that say what they were asked through `host.print`.
// Usage: node wabt-wasi.mjs FILE [ARGS...]       needs wasm2wat, wat2wasm, wasm-interp (package wabt) and stdbuf
// The guest has no clock, so this script takes the time when the line of each clock_time_get arrives, and prints "time: N" in
// the guest's stead; a millisecond more or less is nothing beside an interpreter that takes minutes.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, exit, hrtime, stderr, stdout } from 'node:process';
import { createInterface } from 'node:readline';

// What the first argument of `host.print` says about the second; 1 and 2 are descriptors, with a byte.
const Clock = 0, ExitCode = 3;

if (argv.length < 3) {
  stderr.write('usage: node wabt-wasi.mjs FILE [ARGS...]\n');
  exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'wabt-wasi-'));
try {
  const module = join(folder, 'linked.wasm');
  const text = execFileSync('wasm2wat', ['--generate-names', argv[2]], { encoding: 'utf8', maxBuffer: 1 << 28 });
  writeFileSync(join(folder, 'linked.wat'), link(text, argv.slice(2)));
  execFileSync('wat2wasm', ['-o', module, join(folder, 'linked.wat')]);
  exit(await interpret(module));
} finally {
  rmSync(folder, { recursive: true });
}

/** The module with definitions in place of its imports. Names, not indices, refer to functions, so none has to be renumbered. */
function link(text, words) {
  const definitions = {
    args_sizes_get: `(param $count i32) (param $size i32) (result i32)
      (i32.store (local.get $count) (i32.const ${words.length}))
      (i32.store (local.get $size) (i32.const ${words.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0)}))
      (i32.const 0)`,
    args_get: `(param $pointers i32) (param $text i32) (result i32) ${putArguments(words)} (i32.const 0)`,
    clock_time_get: `(param $clock i32) (param $precision i64) (param $result i32) (result i32)
      (call $host_print (i32.const ${Clock}) (local.get $clock))
      (i64.store (local.get $result) (i64.const 0))
      (i32.const 0)`,
    fd_write: `(param $fd i32) (param $vectors i32) (param $count i32) (param $result i32) (result i32)
      (local $at i32) (local $end i32) (local $written i32)
      (block $all (loop $vector
        (br_if $all (i32.eqz (local.get $count)))
        (local.set $at (i32.load (local.get $vectors)))
        (local.set $end (i32.add (local.get $at) (i32.load offset=4 (local.get $vectors))))
        (block $done (loop $byte
          (br_if $done (i32.eq (local.get $at) (local.get $end)))
          (call $host_print (local.get $fd) (i32.load8_u (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $written (i32.add (local.get $written) (i32.const 1)))
          (br $byte)))
        (local.set $vectors (i32.add (local.get $vectors) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $vector)))
      (i32.store (local.get $result) (local.get $written))
      (i32.const 0)`,
    proc_exit: `(param $code i32) (call $host_print (i32.const ${ExitCode}) (local.get $code)) (unreachable)`,
  };
  const functions = [];
  const rest = text.replace(/^ *\(import "([^"]*)" "([^"]*)" \(func (\$\S+).*\n/gm, (line, namespace, name, id) => {
    if (namespace !== 'wasi_snapshot_preview1' || !Object.hasOwn(definitions, name)) {
      throw new Error(`this script has no ${namespace}.${name}`);
    }
    functions.push(`(func ${id} ${definitions[name]})\n`);
    return '';
  });
  const close = rest.lastIndexOf(')');
  return rest.slice(0, close).replace('(module', '(module (import "host" "print" (func $host_print (param i32 i32)))') +
    functions.join('') + ')';
}

function putArguments(words) {
  let at = 0;
  return words.map((word, i) => {
    const start = at;
    const stores = [...Buffer.from(word), 0].map((byte) =>
      `(i32.store8 offset=${at++} (local.get $text) (i32.const ${byte}))`);
    return `(i32.store offset=${4 * i} (local.get $pointers) (i32.add (local.get $text) (i32.const ${start}))) ${stores.join(' ')}`;
  }).join(' ');
}

/** Runs the linked module; the exit code. Lines must come as they're printed, hence stdbuf. */
async function interpret(module) {
  const child = spawn('stdbuf', ['-oL', 'wasm-interp', '--host-print', '--run-all-exports', module], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '', trap = '', code = null;
  const bytes = [], clocks = [];
  child.stderr.on('data', (data) => (errors += data));
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const now = hrtime.bigint();
    const call = /^called host host\.print\(i32:(\d+), i32:(\d+)\)/.exec(line);
    if (call) {
      const [kind, value] = [Number(call[1]), Number(call[2])];
      if (kind === Clock) clocks.push(now);
      else if (kind === 1) bytes.push(value);
      else if (kind === ExitCode) code = value;
    } else if (line.includes('error:')) {
      trap = line;
    }
  }
  await ended;
  stdout.write(Buffer.from(bytes));
  if (code === null && (trap !== '' || errors !== '')) {
    stderr.write(`${trap}\n${errors}`);
    return 134;
  }
  if (clocks.length >= 2) stderr.write(`time: ${clocks.at(-1) - clocks[0]}\n`);
  return code ?? 0;
}
