import { expect, it } from 'vitest';
import { workerSource } from './threaded-wasm.ts';

it("refuses a worker script that is not the one its patch was written for, and keeps a path's $ as it is", () => {
  expect(() => workerSource('self.onmessage=(e)=>{', '/glue.js', '/')).toThrow(
    "useBackend: the worker script of tfjs's wasm backend does not have 'self.onmessage=e=>{' once, where it is patched",
  );
  expect(() => workerSource('self.onmessage=e=>{};self.onmessage=e=>{}', '/glue.js', '/')).toThrow('once');
  expect(workerSource('self.onmessage=e=>{}', "/a$'b/glue.js", '/')).toContain(`urlOrBlob="/a$'b/glue.js"`);
});
