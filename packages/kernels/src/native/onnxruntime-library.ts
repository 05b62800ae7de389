/** The C interface of ONNX Runtime, as `onnxruntime-node` ships it, called through koffi: synchronously, on memory that is there. */

/** An address in the library's hands. */
export type Handle = unknown;

/** The calls a product needs. Each throws an Error with the library's own words when it fails. */
export interface OnnxRuntime {
  readonly version: string;
  /** A session over a model's bytes, whose products run on so many threads. */
  createSession(model: Uint8Array, threads: number): Handle;
  releaseSession(session: Handle): void;
  /** A float matrix over memory that is there. The view marks where it begins. */
  createMatrix(begin: Uint8Array, rows: number, columns: number): Handle;
  releaseMatrix(matrix: Handle): void;
  run(session: Handle, names: readonly string[], inputs: readonly Handle[], output: Handle): void;
}

/**
 * Places in `struct OrtApi` of onnxruntime_c_api.h. The structure only ever grows at its end, so a place holds for every
 * version from the one that is asked for on.
 */
const places = {
  GetErrorMessage: 2,
  CreateEnv: 3,
  DisableTelemetryEvents: 6,
  CreateSessionFromArray: 8,
  Run: 9,
  CreateSessionOptions: 10,
  DisableMemPattern: 17,
  DisableCpuMemArena: 19,
  SetIntraOpNumThreads: 24,
  CreateTensorWithDataAsOrtValue: 49,
  CreateCpuMemoryInfo: 69,
  ReleaseStatus: 93,
  ReleaseSession: 95,
  ReleaseValue: 96,
  ReleaseSessionOptions: 100,
  AddSessionConfigEntry: 130,
} as const;
const apiVersion = 17;

/** The part of koffi used here. */
interface Koffi {
  load(path: string): { func(prototype: string): (...args: unknown[]) => unknown };
  proto(result: unknown, parameters: readonly unknown[]): unknown;
  call(pointer: unknown, type: unknown, ...args: unknown[]): unknown;
  decode(pointer: unknown, type: unknown): unknown[];
  array(type: string, length: number): unknown;
  out(type: string): unknown;
}

let loaded: Promise<OnnxRuntime> | undefined;

/** Libraries that stay loaded as long as the process runs. */
const held: unknown[] = [];

/**
 * Loads the library once a process.
 *
 * @throws Error when koffi or onnxruntime-node is absent or does not fit
 */
export function loadOnnxRuntime(): Promise<OnnxRuntime> {
  loaded ??= open().catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

/** Where the package keeps the library for this system. */
async function libraryPath(): Promise<string> {
  const [{ createRequire }, { readdirSync }, path] = await Promise.all([
    import('node:module'),
    import('node:fs'),
    import('node:path'),
  ]);
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  const bin = path.join(path.dirname(manifest), 'bin');
  const napi = readdirSync(bin).find((name) => name.startsWith('napi-v'));
  const folder = path.join(bin, napi ?? '', process.platform, process.arch);
  const library = readdirSync(folder).find((name) =>
    /^(libonnxruntime\.so\.\d+|libonnxruntime\.\d+\.dylib|onnxruntime\.dll)$/.test(name),
  );
  if (library === undefined) throw new Error(`no library in ${folder}`);
  return path.join(folder, library);
}

async function open(): Promise<OnnxRuntime> {
  // In Deno koffi's calls end the process by a signal, which nothing can catch.
  if (process.versions.deno !== undefined || process.versions.bun !== undefined)
    throw new Error("onnxruntime: its library is called in Node alone (engine 'wasm' runs everywhere)");
  const koffi = (await import('koffi')).default as unknown as Koffi;
  const library = koffi.load(await libraryPath());
  // koffi unloads a library whose handle is collected, and the functions below are addresses that keep no handle.
  held.push(library);
  const base = library.func('void* OrtGetApiBase()')();
  const [getApi, getVersion] = koffi.decode(base, koffi.array('void*', 2));
  const version = koffi.call(getVersion, koffi.proto('str', [])) as string;
  const api = koffi.call(getApi, koffi.proto('void*', ['uint32_t']), apiVersion);
  if (!api) throw new Error(`onnxruntime ${version} is too old (${apiVersion} of its interface is needed)`);
  const table = koffi.decode(api, koffi.array('void*', Math.max(...Object.values(places)) + 1));

  const plain = (name: keyof typeof places, result: string, ...parameters: unknown[]) => {
    const type = koffi.proto(result, parameters);
    return (...args: unknown[]): unknown => koffi.call(table[places[name]], type, ...args);
  };
  const text = plain('GetErrorMessage', 'str', 'void*');
  const releaseStatus = plain('ReleaseStatus', 'void', 'void*');
  /** A call that answers nothing, or what went wrong. */
  const checked = (name: keyof typeof places, ...parameters: unknown[]) => {
    const run = plain(name, 'void*', ...parameters);
    return (...args: unknown[]): void => {
      const status = run(...args);
      if (!status) return;
      const words = text(status);
      releaseStatus(status);
      throw new Error(`onnxruntime ${version}: ${name}: ${words}`);
    };
  };
  /** A call whose last parameter is where it puts what it made. */
  const making = (name: keyof typeof places, ...parameters: unknown[]) => {
    const run = checked(name, ...parameters, koffi.out('void**'));
    return (...args: unknown[]): Handle => {
      const made: [Handle] = [null];
      run(...args, made);
      return made[0];
    };
  };

  const createOptions = making('CreateSessionOptions');
  const releaseOptions = plain('ReleaseSessionOptions', 'void', 'void*');
  const setThreads = checked('SetIntraOpNumThreads', 'void*', 'int');
  const disableArena = checked('DisableCpuMemArena', 'void*');
  const disablePattern = checked('DisableMemPattern', 'void*');
  const addEntry = checked('AddSessionConfigEntry', 'void*', 'str', 'str');
  const createSession = making('CreateSessionFromArray', 'void*', 'void*', 'size_t', 'void*');
  const createTensor = making(
    'CreateTensorWithDataAsOrtValue',
    ...['void*', 'void*', 'size_t', 'int64_t*', 'size_t', 'int'],
  );
  const run = checked('Run', 'void*', 'void*', 'str*', 'void**', 'size_t', 'str*', 'size_t', 'void**');

  const errorsAlone = 3;
  const environment = making('CreateEnv', 'int', 'str')(errorsAlone, 'svo');
  checked('DisableTelemetryEvents', 'void*')(environment);
  const [deviceAllocator, defaultMemory, float] = [0, 0, 1];
  const memory = making('CreateCpuMemoryInfo', 'int', 'int')(deviceAllocator, defaultMemory);
  const outputs = ['y'];

  return {
    version,
    createSession(model, threads) {
      const options = createOptions();
      try {
        setThreads(options, threads);
        // A pool that spins would take the processors that the kernels' own threads need.
        addEntry(options, 'session.intra_op.allow_spinning', '0');
        // Both remember something for each shape they meet, and shapes never end.
        disableArena(options);
        disablePattern(options);
        return createSession(environment, model, model.length, options);
      } finally {
        releaseOptions(options);
      }
    },
    releaseSession: plain('ReleaseSession', 'void', 'void*'),
    createMatrix: (begin, rows, columns) =>
      createTensor(memory, begin, rows * columns * 4, BigInt64Array.of(BigInt(rows), BigInt(columns)), 2, float),
    releaseMatrix: plain('ReleaseValue', 'void', 'void*'),
    run: (session, names, inputs, output) => run(session, null, names, inputs, inputs.length, outputs, 1, [output]),
  };
}
