// Plays the scenes in a WebAssembly build of leitai-bits and prints what golden.txt holds: node play.mjs leitai_bits.wasm
import { readFileSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const { memory, play, scene_count } = instance.exports;
for (let scene = 0; scene < scene_count(); scene += 1) {
  const start = play(scene);
  if (start === 0) {
    throw new Error(`scene ${scene} broke down`);
  }
  const bytes = new Uint8Array(memory.buffer, start);
  process.stdout.write(new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(10) + 1)));
}
