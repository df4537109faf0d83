// Times `new WebAssembly.Module` under Node: node FLAGS node-compile.mjs MODULE REPEAT. Prints the milliseconds of each, one a
// line, each of a fresh copy of the bytes with one byte changed in a custom section, so that V8 finds nothing in its cache.
import { readFileSync } from 'node:fs';

const [path, repeat] = process.argv.slice(2);
const original = readFileSync(path);
for (let i = 0; i < Number(repeat); i++) {
  // An empty-named custom section of one byte at the end.
  const bytes = Buffer.concat([original, Buffer.from([0, 3, 1, 0x78, i & 127])]);
  const start = performance.now();
  new WebAssembly.Module(bytes);
  console.log(performance.now() - start);
}
