import { afterEach, expect, test, vi } from 'vitest';
import { vectorMachine } from './machine.ts';
import { machineCode } from './machine-code.ts';

/** The build script lies outside src/, which is all the package's types cover. */
const { compileMachine } = (await import(new URL('../../../scripts/build-wasm.ts', import.meta.url).href)) as {
  compileMachine(): Promise<Uint8Array>;
};

test('the committed machine code is what its source compiles to', async () => {
  expect(Buffer.from(await compileMachine()).toString('base64')).toBe(machineCode);
});

test('the machine starts here, once, and its memory grows on demand', () => {
  const machine = vectorMachine()!;
  expect(vectorMachine()).toBe(machine);
  expect(machine.free).toBeGreaterThan(0);
  const before = machine.memory.buffer.byteLength;
  machine.reserve(1);
  expect(machine.memory.buffer.byteLength).toBe(before);
  machine.reserve(before + 1);
  expect(machine.memory.buffer.byteLength).toBeGreaterThan(before);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('where WebAssembly is missing there is no machine, and no error', async () => {
  vi.resetModules();
  vi.stubGlobal('WebAssembly', undefined);
  const fresh = (await import('./machine.ts')) as { vectorMachine: typeof vectorMachine };
  expect(fresh.vectorMachine()).toBeUndefined();
});
