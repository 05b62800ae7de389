/** A Tinker server for tests and examples. */
export { type Call, type Fault, faults } from './faults.ts';
export { type LocalTinker, type LocalTinkerOptions, localTinker } from './local-tinker.ts';
export type { World } from './world.ts';
