export { type TestBackend, testBackend } from './test-backend.ts';
