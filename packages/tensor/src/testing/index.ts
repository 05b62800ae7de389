export { softwareGpu } from './software-gpu.ts';
export { type TestBackend, testBackend } from './test-backend.ts';
