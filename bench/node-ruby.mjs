// Boots Ruby (@ruby/3.4-wasm-wasi) under Node and evaluates one script, with the calls that samples/EmbedRuby makes: the peer of
// `bench/run first`. Usage: node [V8 flags] node-ruby.mjs MODULE CODE. Prints "=> " and the value's to_s.
// The script must not raise: the sample's exceptions aren't repeated here.
import { readFileSync } from 'node:fs';
import { argv, exit, stderr } from 'node:process';

process.emitWarning = () => {};
const { WASI } = await import('node:wasi');

if (argv.length !== 4) {
  stderr.write('usage: node node-ruby.mjs MODULE CODE\n');
  exit(2);
}

const wasi = new WASI({ version: 'preview1', args: ['ruby.wasm'], returnOnExit: true });
const handles = new Map();
let next = 0;
const add = (value) => (handles.set(next, value), next++);
const take = (handle) => {
  const value = handles.get(handle);
  handles.delete(handle);
  return value;
};

const module = new WebAssembly.Module(readFileSync(argv[2]));
const imports = { wasi_snapshot_preview1: wasi.wasiImport, canonical_abi: {
  'resource_new_rb-abi-value': add,
  'resource_get_rb-abi-value': (handle) => handles.get(handle),
  'resource_drop_js-abi-value': () => {},
} };
// What is left is called only after `require "js"`.
for (const { module: namespace, name } of WebAssembly.Module.imports(module)) {
  (imports[namespace] ??= {})[name] ??= () => { throw new Error(`${name} isn't there`); };
}

const instance = new WebAssembly.Instance(module, imports);
const ruby = (name) => instance.exports[name] ?? instance.exports[Object.keys(instance.exports).find((key) => key.startsWith(name + ':'))];
const view = () => new DataView(instance.exports.memory.buffer);

// Copies a string with a zero byte at its end into memory that the function it's passed to will free.
function put(text) {
  const bytes = Buffer.from(text + '\0');
  const pointer = ruby('cabi_realloc')(0, 0, 1, bytes.length);
  new Uint8Array(instance.exports.memory.buffer).set(bytes, pointer);
  return [pointer, bytes.length];
}

function receive(result) {
  const [handle, status] = [view().getInt32(result, true), view().getInt32(result + 4, true)];
  if ((status & 15) !== 0) throw new Error(`Ruby's status is ${status}`);
  return take(handle);
}

wasi.initialize(instance);
const words = ['ruby.wasm', '-EUTF-8', '-e_=0'].map(put);
const list = ruby('cabi_realloc')(0, 0, 4, words.length * 8);
words.flat().forEach((word, i) => view().setInt32(list + 4 * i, word, true));
ruby('ruby-init')(list, words.length);

const value = receive(ruby('rb-eval-string-protect')(...put(argv[3])));
const method = ruby('rb-intern')(...put('to_s'));
const receiver = add(value);
const text = receive(ruby('rb-funcallv-protect')(receiver, method, 0, 0));
take(receiver);
const copy = ruby('rstring-ptr')(add(text));
const [start, length] = [view().getInt32(copy, true), view().getInt32(copy + 4, true)];
console.log(`=> ${Buffer.from(instance.exports.memory.buffer, start, length).toString()}`);
exit(0);
