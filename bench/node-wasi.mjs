// Runs a WASI preview 1 command under Node, the peer that bench/run and test/acceptance/run measure and compare with.
// Usage: node [V8 flags] node-wasi.mjs [--dir HOST[::GUEST]]... [--env K=V]... FILE [ARGS...]
// A trap prints the error on stderr and exits with 134, as `anneal run` does.
import { readFileSync } from 'node:fs';
import { argv, exit, emitWarning, stderr } from 'node:process';

// node:wasi announces on each run that it is experimental; every other warning is kept.
process.emitWarning = (warning, ...rest) => {
  if (!String(warning).includes('WASI')) emitWarning(warning, ...rest);
};
const { WASI } = await import('node:wasi');

const preopens = {};
const variables = {};
let at = 2;
for (; argv[at]?.startsWith('--'); at += 2) {
  const value = argv[at + 1] ?? '';
  if (argv[at] === '--dir') {
    const [host, guest] = value.split('::');
    preopens[guest ?? host] = host;
  } else if (argv[at] === '--env') {
    const equals = value.indexOf('=');
    variables[value.slice(0, equals)] = value.slice(equals + 1);
  } else {
    stderr.write(`node-wasi.mjs: unknown option ${argv[at]}\n`);
    exit(2);
  }
}
if (at >= argv.length) {
  stderr.write('usage: node node-wasi.mjs [--dir HOST[::GUEST]] [--env K=V] FILE [ARGS...]\n');
  exit(2);
}

const wasi = new WASI({ version: 'preview1', args: argv.slice(at), env: variables, preopens, returnOnExit: true });
let code;
try {
  const module = new WebAssembly.Module(readFileSync(argv[at]));
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
  code = wasi.start(instance);
} catch (error) {
  stderr.write(`${error?.stack ?? error}\n`);
  code = error instanceof WebAssembly.RuntimeError || error instanceof RangeError ? 134 : 1;
}
exit(code);
