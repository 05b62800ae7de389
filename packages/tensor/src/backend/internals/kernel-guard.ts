/** What every kernel runs inside of: nothing it made is left behind when it fails, and running out of memory has one name. */

import { tf } from '../../tf.ts';
import { asOutOfMemory } from '../out-of-memory.ts';

/** The part of a backend that can give data back. */
export interface DataOwner {
  disposeData(dataId: object, force?: boolean): boolean;
  incRef(dataId: object): void;
}

/** What a backend's own guard does around each kernel. */
export interface KernelWatch {
  begin(): void;
  /** Throws when something went wrong that the kernel did not notice. */
  end(): void;
  /** The error to throw for one that came out of a kernel. */
  explain(error: unknown): unknown;
}

/** A backend's side of the guard. */
export interface Watched {
  /** The kernel that is running, if one is. */
  readonly operation: string | undefined;
  /** Tells that the running kernel has made this data. */
  made(dataId: object): void;
}

interface Engine {
  readonly state: { readonly tensorInfo: { has(dataId: object): boolean; get(dataId: object): TensorInfo } };
  readonly backendName: string;
  runKernelFunc(call: { readonly kernelName?: string }): unknown;
  moveData(backend: Mover, dataId: object): void;
}
interface TensorInfo {
  readonly shape: readonly number[];
  readonly dtype: string;
  backend: Mover;
}
interface Mover extends DataOwner {
  readSync(dataId: object): unknown;
  refCount(dataId: object): number;
  move(dataId: object, values: unknown, shape: readonly number[], dtype: string, refCount: number): void;
}

const watches = new WeakMap<object, KernelWatch>();
const guarded = new WeakSet<object>();
/** The running kernel: kernels may run others through the engine. */
let running: Running | undefined;

interface Running {
  readonly name: string;
  readonly made: object[];
  /** How many more holders of each data there are than before: a kernel that reshapes its input holds the input's data. */
  readonly held: Map<object, number>;
}

/** Adds a backend's own checks. */
export function watchBackend(backend: DataOwner, watch: KernelWatch): Watched {
  watches.set(backend, watch);
  return {
    get operation() {
      return running?.name;
    },
    made: (dataId) => void running?.made.push(dataId),
  };
}

/** Puts the guard around every kernel of every backend, also of those registered later. Once a process; again, it does nothing. */
export function guardKernels(): void {
  const engine = tf.engine() as unknown as Engine;
  if (guarded.has(engine)) return;
  guarded.add(engine);
  const run = engine.runKernelFunc.bind(engine);
  engine.runKernelFunc = (call) => {
    if (call.kernelName !== undefined) guardKernel(engine, call.kernelName);
    return run(call);
  };
  engine.moveData = (backend, dataId) => moveWhole(engine, backend, dataId);
}

function guardKernel(engine: Engine, name: string): void {
  const config = tf.getKernel(name, engine.backendName);
  if (config === undefined || guarded.has(config)) return;
  guarded.add(config);
  const run = config.kernelFunc;
  config.kernelFunc = (call) => guardedRun(engine, name, call.backend as DataOwner, () => run(call));
}

const counted = new WeakSet<object>();

/** Counts what the running kernel comes to hold and lets go of. */
function countHolders(backend: DataOwner): void {
  if (counted.has(backend)) return;
  counted.add(backend);
  const count = (dataId: object, by: number): void =>
    void running?.held.set(dataId, (running.held.get(dataId) ?? 0) + by);
  const incRef = backend.incRef.bind(backend);
  backend.incRef = (dataId) => {
    incRef(dataId);
    count(dataId, 1);
  };
  const disposeData = backend.disposeData.bind(backend);
  backend.disposeData = (dataId, force) => {
    count(dataId, -1);
    return disposeData(dataId, force);
  };
}

function guardedRun<T>(engine: Engine, name: string, backend: DataOwner, run: () => T): T {
  countHolders(backend);
  const watch = watches.get(backend);
  const outer = running;
  const made: object[] = [];
  const held = new Map<object, number>();
  running = { name, made, held };
  try {
    // A kernel inside another must not wipe out what went wrong before it.
    if (outer !== undefined) watch?.end();
    watch?.begin();
    const result = run();
    watch?.end();
    return result;
  } catch (error) {
    const explained = watch?.explain(error) ?? error;
    for (const dataId of made) if (!engine.state.tensorInfo.has(dataId)) backend.disposeData(dataId, true);
    // Its inputs would be held for ever, also when their tensors are disposed of.
    for (const [dataId, more] of [...held])
      if (engine.state.tensorInfo.has(dataId)) for (let k = 0; k < more; k++) backend.disposeData(dataId);
    throw asOutOfMemory(explained, engine.backendName, name);
  } finally {
    running = outer;
  }
}

/** Moves a tensor's data to another backend. It leaves the first one only when the second has it; tfjs does it the other way round. */
function moveWhole({ state }: Engine, backend: Mover, dataId: object): void {
  const info = state.tensorInfo.get(dataId);
  const { backend: from, shape, dtype } = info;
  backend.move(dataId, from.readSync(dataId), shape, dtype, from.refCount(dataId));
  info.backend = backend;
  from.disposeData(dataId, true);
}
