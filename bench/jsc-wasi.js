// Runs a benchmark program of guests/bench in JavaScriptCore's shell, which knows nothing of WASI: the five functions of
// preview 1 that those programs import, and no more; a module that imports another one fails to link and says so.
// Usage: jsc [options] jsc-wasi.js -- FILE [ARGS...]
// The shell always exits with 0 or, after an uncaught exception, with 3: any other exit code of the guest becomes 3.
'use strict';

const words = globalThis.arguments ?? [];
if (words.length === 0) throw new Error('usage: jsc jsc-wasi.js -- FILE [ARGS...]');

let memory;
const view = () => new DataView(memory.buffer);
const bytes = (text) => Array.from(unescape(encodeURIComponent(text)) + '\0', (c) => c.charCodeAt(0));
const argv = Array.from(words, bytes);

// The guest's exit travels through its frames as an exception.
class Exit {
  constructor(code) { this.code = code; }
}

// The shell's functions write whole lines; what a guest writes is kept until its line ends.
const lines = { 1: [print, ''], 2: [printErr, ''] };
const Success = 0, BadDescriptor = 8, Invalid = 28;

const imports = {
  args_sizes_get(count, size) {
    view().setUint32(count, argv.length, true);
    view().setUint32(size, argv.reduce((sum, word) => sum + word.length, 0), true);
    return Success;
  },
  args_get(pointers, text) {
    argv.forEach((word, i) => {
      view().setUint32(pointers + 4 * i, text, true);
      new Uint8Array(memory.buffer).set(word, text);
      text += word.length;
    });
    return Success;
  },
  clock_time_get(clock, precision, result) {
    if (clock !== 0 && clock !== 1) return Invalid;
    view().setBigUint64(result, BigInt(Math.round(preciseTime() * 1e9)), true);
    return Success;
  },
  fd_write(descriptor, vectors, count, result) {
    const stream = lines[descriptor];
    if (!stream) return BadDescriptor;
    let written = 0;
    for (let i = 0; i < count; i++) {
      const start = view().getUint32(vectors + 8 * i, true), length = view().getUint32(vectors + 8 * i + 4, true);
      for (const byte of new Uint8Array(memory.buffer, start, length)) {
        if (byte === 10) {
          stream[0](stream[1]);
          stream[1] = '';
        } else {
          stream[1] += String.fromCharCode(byte);
        }
      }
      written += length;
    }
    view().setUint32(result, written, true);
    return Success;
  },
  proc_exit(code) {
    throw new Exit(code);
  },
};

const module = new WebAssembly.Module(readFile(words[0], 'binary'));
const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports });
memory = instance.exports.memory;
let code = 0;
try {
  instance.exports._start();
} catch (error) {
  if (!(error instanceof Exit)) {
    printErr(`${error}\n${error?.stack}`);
    throw error;
  }
  code = error.code;
}
for (const [write, rest] of Object.values(lines)) if (rest !== '') write(rest);
if (code !== 0) {
  printErr(`exit code ${code}`);
  throw new Error(`exit code ${code}`);
}
