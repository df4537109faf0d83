// Runs every entry of guests/wasi/manifest.json with a command and compares standard output, exit code and trap.
// Usage: node guests.mjs [--node] [--bless] [--only NAME] COMMAND...
// COMMAND is what precedes a program, such as `./anneal run --tier baseline`. --node: the command is node-wasi.mjs, which
// has no text format, no invoke and its own words for traps; those runs or checks are left out. --bless writes the
// expected outputs from what the command prints. The last line is "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../guests/wasi', import.meta.url));
const words = process.argv.slice(2);
let peer = false, bless = false, only = null;
for (; words[0]?.startsWith('--'); words.shift()) {
  if (words[0] === '--node') peer = true;
  else if (words[0] === '--bless') bless = true;
  else if (words[0] === '--only') only = (words.shift(), words[0]);
  else {
    console.error(`guests.mjs: unknown option ${words[0]}`);
    process.exit(2);
  }
}
if (words.length === 0) {
  console.error('usage: node guests.mjs [--node] [--bless] [--only NAME] COMMAND...');
  process.exit(2);
}

// What went wrong in one run, or null.
function check(run) {
  const options = [];
  let scratch = null;
  for (const [guest, host] of Object.entries(run.dirs ?? {})) options.push('--dir', `${join(folder, host)}::${guest}`);
  if (run.scratch) {
    scratch = mkdtempSync(join(tmpdir(), 'anneal-guest-'));
    mkdirSync(join(scratch, 'inside'));
    writeFileSync(join(scratch, 'outside.txt'), 'secret\n');
    options.push('--dir', `${join(scratch, 'inside')}::${run.scratch}`);
  }
  for (const [name, value] of Object.entries(run.env ?? {})) options.push('--env', `${name}=${value}`);
  if (run.invoke) options.push('--invoke', run.invoke);
  const result = spawnSync(words[0], [...words.slice(1), ...options, join(folder, run.program), ...(run.args ?? [])], {
    input: (run.stdin ?? '').repeat(run.repeat ?? 1), timeout: 120_000, maxBuffer: 1 << 26,
  });
  if (scratch) rmSync(scratch, { recursive: true, force: true });
  if (result.error) return `${result.error.message}`;
  const errors = result.stderr.toString();
  const firstError = errors.trim().split('\n')[0];

  const file = join(folder, 'expected', `${run.name}.txt`);
  if (bless) writeFileSync(file, result.stdout);
  if (!existsSync(file)) return `there is no ${file}`;
  const exit = run.trap !== undefined ? 134 : run.exit ?? 0;
  if (result.status !== exit) return `exit code ${result.status ?? result.signal} instead of ${exit}: ${firstError}`;
  const expected = readFileSync(file);
  if (!result.stdout.equals(expected)) return `printed ${quote(result.stdout)} instead of ${quote(expected)}`;
  if (run.trap && !peer && !errors.toLowerCase().includes(run.trap)) return `not the trap "${run.trap}": ${firstError}`;
  return null;
}

const quote = bytes => {
  const text = JSON.stringify(bytes.toString());
  return text.length > 300 ? `${text.slice(0, 300)}… (${bytes.length} bytes)` : text;
};

let passed = 0, failed = 0;
for (const run of JSON.parse(readFileSync(join(folder, 'manifest.json'))).runs) {
  if (only !== null && run.name !== only) continue;
  if (peer && (run.peer === false || run.invoke || run.program.endsWith('.wat'))) continue;
  const problem = check(run);
  if (problem === null) passed++;
  else {
    failed++;
    console.log(`FAIL ${run.name}: ${problem}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
