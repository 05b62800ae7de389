/** Scripted policies, trees with known values and an HTTP server that can misbehave: what this package is tested with. */

export type { ValueKind } from './planted-maths.ts';
export { type PlantedTree, type PlantedTreeOptions, plantedTree } from './planted-tree.ts';
export { type Script, type ScriptLine, type ScriptOptions, scriptedPolicy } from './scripted-policy.ts';
export { type ServedTreeOptions, servedTree } from './served-tree.ts';
export { type FakeServer, type FakeServerOptions, fakeServer, type ServerCall } from './server/fake-server.ts';
export { everyFault, type Fault, type KeyForm, type KeyPlace } from './server/faults.ts';
export type { SampledText, ScoredText, ServedModel } from './server/served-model.ts';
export type { SlotUse } from './server/slots.ts';
export { toyModel } from './toy-model.ts';
