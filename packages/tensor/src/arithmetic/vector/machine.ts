import { machineCode } from './machine-code.ts';

/** The part of the WebAssembly interface used here: its types belong to the DOM library, which this project leaves out. */
interface WebAssemblyNamespace {
  Memory: new (limits: { initial: number }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: { env: { memory: Memory } }) => { readonly exports: unknown };
}

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The vector machine and the memory it works in. */
export interface Machine {
  /** Runs `count` instructions at an address over blocks of rows. */
  run(code: number, count: number, rows: number, columns: number, blockRows: number): void;
  /** The first address that is free: the machine's own constants lie below it. */
  readonly free: number;
  readonly memory: Memory;
  /** Makes the memory so many bytes long, if it is shorter; its earlier buffer may be gone then. */
  reserve(bytes: number): void;
}

interface Exports extends Pick<Machine, 'run'> {
  readonly free: { readonly value: number };
}

const PAGE = 65536;
let machine: Machine | undefined;
let tried = false;

/** The machine, compiled on first use; undefined where the engine has no WebAssembly SIMD or a page's policy forbids it. */
export function vectorMachine(): Machine | undefined {
  if (!tried) {
    tried = true;
    try {
      machine = start();
    } catch {
      machine = undefined;
    }
  }
  return machine;
}

function start(): Machine {
  const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyNamespace }).WebAssembly;
  const memory = new Memory({ initial: 16 });
  const bytes = Uint8Array.from(atob(machineCode), (character) => character.charCodeAt(0));
  const { run, free } = new Instance(new Module(bytes), { env: { memory } }).exports as Exports;
  return {
    run,
    free: (free.value + 63) & ~63,
    memory,
    reserve(bytes) {
      const missing = bytes - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    },
  };
}
