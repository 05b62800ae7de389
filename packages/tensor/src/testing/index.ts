/** Which backends a test can run on here. */

export { type BackendHere, backendsHere } from './backends-here.ts';
export { type TestBackend, testBackend } from './test-backend.ts';
