import type { WasmMemory } from '../../backend/internals.ts';

/** Copies bytes between a shared memory and the machine's. */
export interface SharedCopy {
  /** Machine ← shared. */
  read(to: number, from: number, bytes: number): void;
  /** Shared ← machine. */
  write(to: number, from: number, bytes: number): void;
}

interface WebAssemblyNamespace {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: { m: { s: WasmMemory; o: WasmMemory } },
  ) => { readonly exports: { r: SharedCopy['read']; w: SharedCopy['write'] } };
}

/**
 * Two functions of one `memory.copy` each, between two memories. JavaScript copies out of a SharedArrayBuffer one word at a time,
 * as the memory model wants it, four times slower than the machine can; nobody writes to a tensor while it is read here.
 */
const code = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x07, 0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x00],
  // imports: m.s, shared, of 1 to 65,536 pages, and m.o, of 1 or more
  ...[0x02, 0x12, 0x02, 0x01, 0x6d, 0x01, 0x73, 0x02, 0x03, 0x01, 0x80, 0x80, 0x04],
  ...[0x01, 0x6d, 0x01, 0x6f, 0x02, 0x00, 0x01],
  ...[0x03, 0x03, 0x02, 0x00, 0x00, 0x07, 0x09, 0x02, 0x01, 0x72, 0x00, 0x00, 0x01, 0x77, 0x00, 0x01],
  ...[0x0a, 0x1b, 0x02, 0x0c, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfc, 0x0a, 0x01, 0x00, 0x0b],
  ...[0x0c, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfc, 0x0a, 0x00, 0x01, 0x0b],
);

const known = new WeakMap<WasmMemory, SharedCopy | 'impossible'>();

/** The copier between a shared memory and the machine's; undefined where an engine knows one memory a module only. */
export function sharedCopy(shared: WasmMemory, own: WasmMemory): SharedCopy | undefined {
  let copy = known.get(shared);
  if (copy === undefined) {
    copy = link(shared, own);
    known.set(shared, copy);
  }
  return copy === 'impossible' ? undefined : copy;
}

function link(shared: WasmMemory, own: WasmMemory): SharedCopy | 'impossible' {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyNamespace }).WebAssembly;
  try {
    const { r, w } = new Instance(new Module(code), { m: { s: shared, o: own } }).exports;
    return { read: r, write: w };
  } catch {
    return 'impossible';
  }
}
